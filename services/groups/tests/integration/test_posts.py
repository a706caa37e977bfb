"""People talk over HTTP: posts, replies, reactions, mentions, edits, gaps, pins, and what their topic says of it."""

import asyncio
from typing import Any

from contracts.groups import ConversationFact
from testkit import eventually
from testkit.calling import Person

from .conftest import Service, founded, reason


async def group(service: Service, *names: str, **differently: object) -> tuple[str, list[Person]]:
    """A group's path, its organizer and members by these names."""
    people = [service.person(name) for name in ("olga", *names)]
    path = await founded(people[0], **differently)
    for who in people[1:]:
        assert (await who("PUT", f"{path}/membership")).status_code == 201
    return path, people


async def said(who: Person, path: str, body: str = "Who comes **along**?", **more: object) -> dict[str, Any]:
    """A new post."""
    answer = await who("POST", f"{path}/posts", {"body": body, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/posts/{found['post_id']}"
    return found


async def listed(viewer: Person, path: str, what: str = "posts") -> list[str]:
    answer = await viewer("GET", f"{path}/{what}")
    assert answer.status_code == 200, answer.text
    return [post["post_id"] for post in answer.json()["items"]]


async def told(service: Service, thread_id: str) -> list[tuple[str, ConversationFact]]:
    found = await service.messages("groups.conversation.v1", lambda head: head["ce_subject"] == thread_id)
    return [(head["ce_type"].split(".")[-2], ConversationFact.model_validate_json(value)) for head, value in found]


async def test_a_post_is_shown_as_html_and_told_with_an_excerpt(service: Service) -> None:
    path, [_, ada, bo] = await group(service, "ada", "bo")
    post = await said(ada, path, f"**Walk**<script> with @[{bo.id}] and @[nobody]", title="On Saturday")
    assert post["html"] == (
        f'<p><strong>Walk</strong>&lt;script&gt; with <span class="mention" data-member="{bo.id}">@{bo.id}</span>'
        ' and <span class="mention" data-member="nobody">@nobody</span></p>\n'
    )
    assert (post["mentions"], post["version"], post["state"], post["thread_id"]) == ([bo.id], 1, "shown", None)
    anybody = await service.person(None)("GET", f"/posts/{post['post_id']}")
    assert anybody.json() == {**post, "mine": []}
    assert anybody.headers["etag"] == '"1"'

    async def heard() -> bool:
        return [happened for happened, _ in await told(service, post["post_id"])] == ["posted", "mentioned"]

    await eventually(heard, within=20)
    (_, posted), (_, mentioned) = await told(service, post["post_id"])
    assert posted.excerpt == f"On Saturday: Walk<script> with @[{bo.id}] and @[nobody]"
    assert (posted.mentions, mentioned.mentions) == ([], [bo.id])


async def test_outsiders_and_the_banned_cannot_talk(service: Service) -> None:
    path, [olga, ada] = await group(service, "ada")
    post = await said(ada, path)
    there = f"/posts/{post['post_id']}"
    await olga("POST", f"{path}/members/{ada.id}/ban")
    for who in (ada, service.person("zoe")):
        for method, where, body in (
            ("POST", f"{path}/posts", {"body": "x"}),
            ("POST", f"{there}/replies", {"body": "x"}),
            ("PUT", f"{there}/reactions/like", None),
        ):
            refused = await who(method, where, body)
            assert (refused.status_code, reason(refused)) == (403, "members-only")
    assert (await service.person(None)("POST", f"{path}/posts", {"body": "x"})).status_code == 401
    gone = await ada("DELETE", there)
    assert (gone.status_code, gone.json()["state"]) == (200, "deleted")


async def test_a_private_groups_posts_are_for_its_members(service: Service) -> None:
    path, [_, ada] = await group(service, "ada", visibility="private")
    post = await said(ada, path)
    assert await listed(ada, path) == [post["post_id"]]
    for who in (service.person("zoe"), service.person(None)):
        for where in (f"{path}/posts", f"/posts/{post['post_id']}", f"/posts/{post['post_id']}/replies"):
            assert reason(await who("GET", where)) == "members-only"


async def test_replies_are_one_level_deep_and_in_order(service: Service) -> None:
    path, [olga, ada, bo] = await group(service, "ada", "bo")
    post = await said(ada, path)
    there = f"/posts/{post['post_id']}"
    replies = [(await who("POST", f"{there}/replies", {"body": "I do"})).json() for who in (bo, olga, ada)]
    assert [reply["number"] for reply in replies] == [1, 2, 3]
    first = (await bo("GET", f"{there}/replies?limit=2")).json()
    assert (await bo("POST", f"{there}/replies", {"body": "late"})).status_code == 201
    second = (await bo("GET", f"{there}/replies?limit=2&cursor={first['next_cursor']}")).json()
    numbers = [[reply["number"] for reply in page["items"]] for page in (first, second)]
    assert numbers == [[1, 2], [3, 4]]
    deeper = await ada("POST", f"/posts/{replies[0]['post_id']}/replies", {"body": "and you?"})
    assert (deeper.status_code, reason(deeper)) == (409, "no-deeper")
    await bo("DELETE", f"/posts/{replies[0]['post_id']}")
    assert (await ada("GET", there)).json()["replies"] == 3
    assert len(await listed(ada, there, "replies")) == 3

    async def heard() -> bool:
        return len(await told(service, post["post_id"])) == 6

    await eventually(heard, within=20)
    answers = [body.answers for happened, body in await told(service, post["post_id"]) if happened == "replied"]
    assert answers == [ada.id, ada.id, None, ada.id]


async def test_pages_stay_right_while_posts_are_added(service: Service) -> None:
    path, [olga, ada] = await group(service, "ada")
    before = [(await said(ada, path, f"number {number}"))["post_id"] for number in range(5)]
    first = (await ada("GET", f"{path}/posts?limit=2")).json()
    await said(olga, path, "in between")
    second = (await ada("GET", f"{path}/posts?limit=2&cursor={first['next_cursor']}")).json()
    third = (await ada("GET", f"{path}/posts?limit=2&cursor={second['next_cursor']}")).json()
    seen = [post["post_id"] for page in (first, second, third) for post in page["items"]]
    assert seen == before[::-1]
    assert ("pinned" in first, "pinned" in second, "next_cursor" in third) == (True, False, False)
    other = (await ada("GET", f"{path}/members?limit=1")).json()["next_cursor"]
    assert reason(await ada("GET", f"{path}/posts?cursor={other}")) == "invalid-cursor"


async def test_pinned_posts_stand_on_the_first_page(service: Service) -> None:
    path, [olga, ada] = await group(service, "ada")
    posts = [(await said(ada, path))["post_id"] for _ in range(3)]
    assert (await ada("PUT", f"/posts/{posts[0]}/pin")).status_code == 403
    pinned = await olga("PUT", f"/posts/{posts[0]}/pin")
    assert (pinned.status_code, pinned.json()["pinned_at"] is None) == (200, False)
    assert "body" not in pinned.json()
    page = (await ada("GET", f"{path}/posts?limit=1")).json()
    assert [post["post_id"] for post in page["pinned"]] == [posts[0]]
    assert [post["post_id"] for post in page["items"]] == [posts[2]]
    await olga("PUT", f"/posts/{posts[0]}/pin", {"pinned": False})
    assert (await ada("GET", f"{path}/posts?limit=1")).json()["pinned"] == []


async def test_announcements_are_for_leaders_and_told_as_such(service: Service) -> None:
    path, [olga, ada] = await group(service, "ada")
    refused = await ada("POST", f"{path}/posts", {"body": "x", "announcement": True})
    assert (refused.status_code, reason(refused)) == (403, "not-allowed")
    post = await said(olga, path, announcement=True)
    assert post["announcement"] is True

    async def heard() -> bool:
        return [happened for happened, _ in await told(service, post["post_id"])] == ["announced"]

    await eventually(heard, within=20)


async def test_reactions_are_counted_exactly_and_once_per_member_and_name(service: Service) -> None:
    path, people = await group(service, *(f"m{number}" for number in range(8)))
    post = await said(people[0], path)
    there = f"/posts/{post['post_id']}"
    answers = await asyncio.gather(
        *(who("PUT", f"{there}/reactions/{name}") for who in people for name in ("like", "thanks") for _ in range(2))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert (await people[1]("GET", there)).json()["reactions"] == {"like": 9, "thanks": 9}
    for _ in range(2):
        assert (await people[1]("DELETE", f"{there}/reactions/like")).status_code == 200
    found = (await people[1]("GET", there)).json()
    assert (found["reactions"], found["mine"], found["version"]) == ({"like": 8, "thanks": 9}, ["thanks"], 1)
    assert (await people[1]("PUT", f"{there}/reactions/spam")).status_code == 422


async def test_an_edit_keeps_what_was_said_before_for_its_author_and_leaders(service: Service) -> None:
    path, [olga, ada, bo] = await group(service, "ada", "bo")
    post = await said(ada, path, "first", title="Walk")
    there = f"/posts/{post['post_id']}"
    assert (await ada("PATCH", there, {"body": "second"})).status_code == 428
    edited = await ada("PATCH", there, {"body": "second"}, if_match='"1"')
    assert (edited.status_code, edited.headers["etag"]) == (200, '"2"')
    assert (edited.json()["title"], edited.json()["body"], edited.json()["edits"]) == ("Walk", "second", 1)
    stale = await ada("PATCH", there, {"body": "third"}, if_match='"1"')
    assert (stale.status_code, reason(stale)) == (412, "stale-version")
    for who in (olga, bo):
        assert reason(await who("PATCH", there, {"body": "mine"}, if_match='"2"')) == "not-allowed"
    for who in (olga, ada):
        [before] = (await who("GET", f"{there}/history")).json()["items"]
        assert (before["number"], before["title"], before["body"]) == (1, "Walk", "first")
        assert before["since"] == post["created_at"]
    assert reason(await bo("GET", f"{there}/history")) == "not-allowed"


async def test_what_is_deleted_is_gone_from_the_documents_and_leaves_a_gap(service: Service) -> None:
    path, [_, ada, bo] = await group(service, "ada", "bo")
    post = await said(ada, path, "xyzzy first", title="xyzzy title")
    there = f"/posts/{post['post_id']}"
    await ada("PATCH", there, {"body": "xyzzy second"}, if_match='"1"')
    await bo("POST", f"{there}/replies", {"body": "reply"})
    gone = await ada("DELETE", there)
    assert gone.status_code == 200
    assert (await ada("DELETE", there)).json() == gone.json()
    found = (await bo("GET", there)).json()
    kept = ("state", "author_id", "title", "body", "html", "replies")
    assert [found[name] for name in kept] == ["deleted", None, None, None, None, 1]
    assert await listed(bo, path) == [post["post_id"]]
    assert len(await listed(bo, there, "replies")) == 1
    for name in await service.database.collections():
        documents = await service.database[name].find({})
        assert "xyzzy" not in str(documents), f"{name} still holds what was deleted"
    other = await said(ada, path)
    await ada("DELETE", f"/posts/{other['post_id']}")
    assert await listed(bo, path) == [post["post_id"]]


async def test_leaders_hide_show_and_delete_what_others_wrote(service: Service) -> None:
    path, [olga, ada, bo] = await group(service, "ada", "bo")
    post = await said(ada, path, "rude")
    there = f"/posts/{post['post_id']}"
    assert reason(await bo("PUT", f"{there}/hide")) == "not-allowed"
    assert reason(await bo("DELETE", there)) == "not-allowed"
    hidden = await olga("PUT", f"{there}/hide")
    assert (hidden.status_code, hidden.json()) == (200, {"post_id": post["post_id"], "state": "hidden"})
    assert [(await who("GET", there)).json()["body"] for who in (olga, ada, bo)] == ["rude", "rude", None]
    assert reason(await bo("POST", f"{there}/replies", {"body": "x"})) == "post-gone"
    await olga("PUT", f"{there}/hide", {"hidden": False})
    assert (await bo("GET", there)).json()["body"] == "rude"
    assert (await olga("DELETE", there)).json()["state"] == "deleted"
    assert (await ada("GET", there)).json()["body"] is None

    async def heard() -> bool:
        happened = [happened for happened, _ in await told(service, post["post_id"])]
        return happened == ["posted", "hidden", "shown", "deleted"]

    await eventually(heard, within=20)


async def test_the_blocked_do_not_see_each_others_posts_in_lists_and_hear_of_no_mention(service: Service) -> None:
    path, [olga, ada, bo, cy] = await group(service, "ada", "bo", "cy")
    for who in (ada, bo):
        await who("GET", "/members/me")
    assert (await ada("PUT", f"/members/{bo.id}/block")).status_code == 200
    by_ada, by_bo = await said(ada, path), await said(bo, path, f"hello @[{ada.id}] @[{cy.id}]")
    both = [by_bo["post_id"], by_ada["post_id"]]
    assert [await listed(who, path) for who in (ada, bo)] == [[by_ada["post_id"]], [by_bo["post_id"]]]
    assert [await listed(who, path) for who in (olga, cy)] == [both, both]
    await olga("PUT", f"/posts/{by_ada['post_id']}/pin")
    assert (await bo("GET", f"{path}/posts")).json()["pinned"] == []
    # bo is not told of the block
    assert by_bo["mentions"] == [ada.id, cy.id]
    assert (await bo("POST", f"/posts/{by_ada['post_id']}/replies", {"body": "hi"})).status_code == 201
    assert await listed(ada, f"/posts/{by_ada['post_id']}", "replies") == []

    async def heard() -> bool:
        return len(await told(service, by_bo["post_id"])) == 2 and len(await told(service, by_ada["post_id"])) == 2

    await eventually(heard, within=20)
    [_, (_, mentioned)] = await told(service, by_bo["post_id"])
    [_, (_, replied)] = await told(service, by_ada["post_id"])
    assert (mentioned.mentions, replied.answers) == ([cy.id], None)


async def test_people_talk_in_a_group_without_organizer_and_not_in_a_closed_one(service: Service) -> None:
    path, [olga, ada] = await group(service, "ada")
    await olga("DELETE", f"{path}/membership")
    assert (await ada("GET", path)).json()["status"] == "grace"
    post = await said(ada, path)
    other, [oda, bo] = await group(service, "bo")
    there = await said(bo, other)
    await oda("POST", f"{other}/close")
    refused = await bo("POST", f"{other}/posts", {"body": "x"})
    assert (refused.status_code, reason(refused)) == (409, "group-closed")
    assert reason(await bo("PUT", f"/posts/{there['post_id']}/reactions/like")) == "group-closed"
    assert await listed(service.person(None), other) == [there["post_id"]]
    assert await listed(ada, path) == [post["post_id"]]


async def test_a_repeat_with_the_same_key_is_the_same_post_and_its_text_is_sealed(service: Service) -> None:
    path, [_, ada] = await group(service, "ada")
    body = {"title": "plugh", "body": "plugh words"}
    first, again = [await ada("POST", f"{path}/posts", body, idempotency_key="k1") for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (
        reason(await ada("POST", f"{path}/posts", {"body": "other"}, idempotency_key="k1")) == "idempotency-key-reused"
    )
    for name in ("journal", "results", "handoffs"):
        assert "plugh" not in str(await service.database[name].find({})), f"{name} holds a text in clear"


async def test_what_is_no_post_is_refused(service: Service) -> None:
    path, [_, ada] = await group(service, "ada")
    for body in ({}, {"body": "  "}, {"body": "x" * 10_001}, {"body": "x", "title": ""}, {"body": "x", "more": 1}):
        assert (await ada("POST", f"{path}/posts", body)).status_code == 422
    assert (await ada("GET", "/posts/nothing")).status_code == 404
    assert (await ada("POST", "/posts/nothing/replies", {"body": "x"})).status_code == 404
