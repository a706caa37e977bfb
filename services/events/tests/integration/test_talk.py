"""What callers meet when they talk about an event, are written to, and rate it."""

from datetime import timedelta
from typing import Any

from chassis import clock
from contracts.events import FeedbackFact, TalkFact
from events_service.store.privacy import EventsHoldings
from testkit import eventually

from .running import Person, Service
from .test_http import founded, joined


def reason(answer: Any) -> str:
    return str(answer.json()["type"].rpartition("/")[2])


async def talked(service: Service, *names: str, **changes: Any) -> tuple[Person, str, list[Person]]:
    """A published event, its organizer and members of the group."""
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, **changes)
    people = [service.person(name) for name in names]
    await joined(service, group_id, *people)
    return olga, event_id, people


async def says(who: Person, event_id: str, body: str = "Hello") -> dict[str, Any]:
    answer = await who("POST", f"/events/{event_id}/comments", {"body": body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def bodies(who: Person, path: str) -> list[str | None]:
    answer = await who("GET", path)
    assert answer.status_code == 200, answer.text
    return [one["body"] for one in answer.json()["items"]]


async def over(service: Service, event_id: str) -> None:
    """As if the event had ended an hour ago."""
    ended = clock.utc_now() - timedelta(hours=1)
    times = {"starts": ended - timedelta(hours=2), "ends": ended, "closes": ended - timedelta(hours=2)}
    assert await service.database["events"].update_one({"_id": event_id}, {"$set": {**times, "due_at": None}})


async def test_a_comment_is_said_answered_edited_and_taken_back(service: Service) -> None:
    olga, event_id, [ada, bo] = await talked(service, "ada", "bo")
    made = await ada("POST", f"/events/{event_id}/comments", {"body": "Who **comes**? <b>x</b>"})
    comment = made.json()
    path = f"/comments/{comment['comment_id']}"
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (201, f"/v1{path}", '"1"')
    assert comment["html"] == "<p>Who <strong>comes</strong>? &lt;b&gt;x&lt;/b&gt;</p>\n"
    reply = (await bo("POST", f"{path}/replies", {"body": "Me"})).json()
    assert (reply["to"], reply["number"]) == (comment["comment_id"], 2)
    assert reason(await olga("POST", f"/comments/{reply['comment_id']}/replies", {"body": "No"})) == "no-deeper"
    assert (await ada("PATCH", path, {"body": "Who?"})).status_code == 428
    assert reason(await bo("PATCH", path, {"body": "Who?"}, if_match='"1"')) == "not-allowed"
    edited = await ada("PATCH", path, {"body": "Who?"}, if_match='"1"')
    assert (edited.status_code, edited.headers["etag"], edited.json()["edits"]) == (200, '"2"', 1)
    assert await bodies(ada, f"{path}/history") == ["Who **comes**? <b>x</b>"]
    assert (await bo("GET", f"{path}/history")).status_code == 403
    assert reason(await bo("DELETE", path)) == "not-allowed"
    gone = await olga("DELETE", path)
    assert (gone.status_code, gone.json()["state"], gone.json()["author_id"]) == (200, "deleted", None)
    assert await bodies(ada, f"/events/{event_id}/comments") == [None]
    assert await bodies(ada, f"{path}/replies") == ["Me"]
    assert (await service.person(None)("GET", path)).json()["body"] is None
    assert await bodies(ada, f"{path}/history") == []
    assert await service.database["revisions"].count({"comment_id": comment["comment_id"]}) == 0

    async def told() -> bool:
        kinds = [head["ce_type"].split(".")[3] for head, _ in await service.of(TalkFact.topic, event_id)]
        return kinds == ["commented", "replied", "edited", "deleted"]

    await eventually(told, within=20)


async def test_comments_come_in_pages_that_stay_right(service: Service) -> None:
    _, event_id, [ada] = await talked(service, "ada")
    for number in range(5):
        await says(ada, event_id, f"{number}")
    first = (await ada("GET", f"/events/{event_id}/comments?limit=2")).json()
    assert [one["body"] for one in first["items"]] == ["4", "3"]
    await says(ada, event_id, "new")
    second = (await ada("GET", f"/events/{event_id}/comments?limit=2&cursor={first['next_cursor']}")).json()
    assert [one["body"] for one in second["items"]] == ["2", "1"]
    other = (await ada("GET", f"/events?limit=1&cursor={first['next_cursor']}")).json()
    assert other["type"].rpartition("/")[2] == "invalid-cursor"


async def test_a_private_groups_talk_is_for_its_members(service: Service) -> None:
    olga, group_id = await founded(service, visibility="private")
    event_id = await service.event(olga, group_id)
    comment = await says(olga, event_id)
    eve, nobody = service.person("eve"), service.person(None)
    for path in (f"/events/{event_id}/comments", f"/comments/{comment['comment_id']}", f"/events/{event_id}/feedback"):
        for who in (eve, nobody):
            assert reason(await who("GET", path)) == "members-only"
    assert reason(await eve("POST", f"/events/{event_id}/comments", {"body": "Hi"})) == "members-only"
    assert reason(await eve("GET", f"/events/{event_id}/messages")) == "members-only"
    assert (await nobody("POST", f"/events/{event_id}/comments", {"body": "Hi"})).status_code == 401


async def test_whoever_has_a_stake_in_the_event_takes_part(service: Service) -> None:
    _, event_id, _ = await talked(service)
    eve = service.person("eve")
    assert reason(await eve("POST", f"/events/{event_id}/comments", {"body": "Hi"})) == "members-only"
    await eve.rsvp(event_id)
    await says(eve, event_id)


async def test_blocks_keep_comments_apart_but_from_leaders(service: Service) -> None:
    olga, event_id, [ada, bo, cem] = await talked(service, "ada", "bo", "cem")
    await says(ada, event_id, "From ada")
    await says(cem, event_id, "From cem")
    await service.groups.block(bo.id or "", ada.id or "", blocked=True)

    async def apart() -> bool:
        return await bodies(bo, f"/events/{event_id}/comments") == ["From cem"]

    await eventually(apart, within=20)
    assert await bodies(olga, f"/events/{event_id}/comments") == ["From cem", "From ada"]


async def test_the_same_key_says_it_once(service: Service) -> None:
    olga, event_id, [ada] = await talked(service, "ada")
    ways = ((ada, f"/events/{event_id}/comments"), (olga, f"/events/{event_id}/messages"))
    for who, path in ways:
        answers = [await who("POST", path, {"body": "Once"}, idempotency_key="k1") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        assert await bodies(olga, path) == ["Once"]


async def test_people_read_what_was_written_to_those_who_stand_as_they_do(service: Service) -> None:
    olga, event_id, [ada, bo, cem] = await talked(service, "ada", "bo", "cem", capacity=1)
    await ada.rsvp(event_id)
    await bo.rsvp(event_id)
    path = f"/events/{event_id}/messages"
    for to in ("yes", "waitlist", "all"):
        sent = await olga("POST", path, {"to": to, "body": f"To {to}"})
        said, where = sent.json(), sent.headers["location"].removeprefix("/v1")
        assert (sent.status_code, said["version"], said["updated_at"]) == (201, 1, said["created_at"])
        assert where == f"{path}/{said['message_id']}"
        for reader, sees in ((olga, True), (ada, to != "waitlist"), (bo, to != "yes")):
            found = await reader("GET", where)
            assert (found.status_code, found.json() == said) == ((200, True) if sees else (404, False))
        assert (await cem("GET", where)).status_code == 403
    assert (await olga("GET", f"{path}/none")).status_code == 404
    assert reason(await ada("POST", path, {"body": "Mine"})) == "not-allowed"
    assert await bodies(olga, path) == ["To all", "To waitlist", "To yes"]
    assert await bodies(ada, path) == ["To all", "To yes"]
    assert await bodies(bo, path) == ["To all", "To waitlist"]
    assert (await cem("GET", path)).status_code == 403
    for body in ("Four", "Five"):
        await olga("POST", path, {"body": body})
    assert reason(await olga("POST", path, {"body": "Six"})) == "too-many-letters"


async def test_feedback_is_given_once_edited_and_comes_to_something(service: Service) -> None:
    olga, event_id, [ada, bo, cem] = await talked(service, "ada", "bo", "cem")
    for who in (ada, bo):
        await who.rsvp(event_id)
    path = f"/events/{event_id}/feedback"
    assert reason(await ada("PUT", path, {"stars": 5})) == "feedback-not-open"
    await over(service, event_id)
    assert (await ada("PUT", path, {"stars": 6})).status_code == 422
    assert reason(await cem("PUT", path, {"stars": 5})) == "was-not-there"
    first = await ada("PUT", path, {"stars": 4, "text": "Warm", "next": ["come-again"], "next_text": "Tea"})
    assert (first.status_code, first.json()["next"], first.json()["version"]) == (201, ["come-again"], 1)
    assert (await bo("PUT", path, {"stars": 1, "next": ["not-for-me"]})).status_code == 201
    second = await ada("PUT", path, {"stars": 5, "text": "Warmer", "next": ["help-out"]})
    assert (second.status_code, second.json()["version"], second.json()["next_text"]) == (200, 2, "")
    for who in (cem, service.person(None)):
        seen = (await who("GET", path)).json()
        assert (seen["count"], seen["mean"], seen["items"], seen.get("mine")) == (2, 3, [], None)
        assert seen["stars"] == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 1}
        assert (seen["next"]["help-out"], seen["next"]["come-again"], seen["next"]["not-for-me"]) == (1, 0, 1)
    assert (await ada("GET", path)).json()["mine"]["text"] == "Warmer"
    page = (await olga("GET", f"{path}?limit=1")).json()
    rest = (await olga("GET", f"{path}?limit=1&cursor={page['next_cursor']}")).json()
    assert [one["member_id"] for one in (*page["items"], *rest["items"])] == [bo.id, ada.id]
    assert "next_cursor" not in rest

    async def told() -> bool:
        found = await service.of(FeedbackFact.topic, event_id)
        assert b"Warm" not in b"".join(value for _, value in found)
        facts = [FeedbackFact.model_validate_json(value) for _, value in found]
        return [(fact.stars, fact.was) for fact in facts] == [(4, None), (1, None), (5, 4)]

    await eventually(told, within=20)


async def test_host_notes_are_for_people_with_a_place(service: Service) -> None:
    olga, event_id, [ada, bo] = await talked(service, "ada", "bo", host_notes="Blue door")
    await ada.rsvp(event_id)
    path = f"/events/{event_id}"
    assert [(await who("GET", path)).json().get("host_notes") for who in (olga, ada, bo)] == [
        "Blue door",
        "Blue door",
        None,
    ]
    group_id = (await olga("GET", path)).json()["group_id"]
    assert "Blue door" not in (await olga("GET", f"/events?group_id={group_id}")).text


async def test_who_is_forgotten_takes_their_words_and_their_stars_along(service: Service) -> None:
    olga, event_id, [ada, bo] = await talked(service, "ada", "bo")
    for who in (olga, ada, bo):
        await who.rsvp(event_id)
    comment = await says(olga, event_id, "Planted comment")
    await olga("PATCH", f"/comments/{comment['comment_id']}", {"body": "Planted anew"}, if_match='"1"')
    await says(ada, event_id, "Stays")
    await olga("POST", f"/events/{event_id}/messages", {"body": "Planted letter"})
    await over(service, event_id)
    await olga("PUT", f"/events/{event_id}/feedback", {"stars": 1, "text": "Planted words"})
    await ada("PUT", f"/events/{event_id}/feedback", {"stars": 5})
    holdings = EventsHoldings()
    held = {name: rows async for name, rows in holdings.gather(service.database, olga.id or "")}
    assert "Planted anew" in repr(held["comments"])
    assert "Planted comment" in repr(held["revisions"])
    assert "Planted letter" in repr(held["messages"])
    assert "Planted words" in repr(held["feedback"])

    async def forgotten() -> bool:
        await holdings.erase(service.database, olga.id or "")
        names = ("comments", "revisions", "letters", "feedback")
        return "Planted" not in repr([await service.database[name].find({}) for name in names])

    await eventually(forgotten, within=30)
    assert await bodies(ada, f"/events/{event_id}/comments") == ["Stays"]
    seen = (await ada("GET", f"/events/{event_id}/feedback")).json()
    assert (seen["count"], seen["mean"]) == (1, 5)
