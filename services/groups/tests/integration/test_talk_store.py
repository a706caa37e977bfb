"""Threads and the log over every store."""

from typing import Any

from chassis.journal import Command
from groups_service.domain.audit import Head, first_broken
from groups_service.handlers import people, post
from groups_service.store.audit import link_of
from groups_service.store.post import document_of, post_of

from .batches import Store, command, create, decide, join, one


def written(name: str, aggregate: str, actor: str, /, **body: Any) -> Command:
    text: dict[str, Any] = {"title": None, "body": "words", "html": "<p>words</p>", "excerpt": "words", "named": []}
    return command(name, aggregate, actor, group_id="g1", **{**text, **body})


async def test_a_thread_comes_back_as_it_was_decided(store: Store) -> None:
    await decide(store, create("g1"), join("g1", "ada"))
    await decide(store, written(post.POST, "p1", "ada", announcement=False, named=["olga", "zoe"]))
    [replied] = await decide(store, written(post.REPLY, "p1", "olga", to="p1"))
    liked = command(post.REACT, "p1", "olga", group_id="g1", post_id="p1", name="like")
    [reacted] = await decide(store, liked)
    thread = reacted.state.thread
    assert thread.root is not None
    assert (thread.root.mentions, thread.root.reactions, thread.root.replies) == (("olga",), {"like": 1}, 1)
    [again] = await decide(store, liked)
    assert (again.facts, again.state.thread) == ([], thread)
    assert (await one(store, "posts", replied.answer["post_id"]) or {}).get("number") == 1


async def test_a_post_keeps_whom_it_ever_mentioned_and_one_of_before_those_it_mentions(store: Store) -> None:
    await decide(store, create("g1"), join("g1", "ada"), join("g1", "bo"))
    await decide(store, written(post.POST, "p1", "ada", announcement=False, named=["olga", "bo"]))
    await decide(store, written(post.EDIT, "p1", "ada", post_id="p1", version=1, body="words 1", named=["bo"]))
    kept = await one(store, "posts", "p1") or {}
    assert (kept["mentions"], kept["ever_mentioned"]) == (["bo"], ["olga", "bo"])
    assert document_of(post_of(kept)) == {name: value for name, value in kept.items() if name != "journal"}
    before = {name: value for name, value in kept.items() if name != "ever_mentioned"}
    assert post_of(before).ever_mentioned == ("bo",)


async def test_what_a_post_said_before_goes_with_it_also_within_one_batch(store: Store) -> None:
    await decide(store, create("g1"), written(post.POST, "p1", "olga", announcement=False))
    edit = [written(post.EDIT, "p1", "olga", post_id="p1", version=n, body=f"words {n}") for n in (1, 2)]
    await decide(store, edit[0])
    assert (await one(store, "revisions", "p1:1") or {}).get("body") == "words"
    gone = command(post.DELETE, "p1", "olga", group_id="g1", post_id="p1")
    outcomes = await decide(store, edit[1], gone)
    assert [outcome.refused for outcome in outcomes] == [None, None]
    assert await store.find("revisions", ["p1:1", "p1:2"]) == []
    assert "words" not in str(await one(store, "posts", "p1"))


async def test_the_log_goes_on_behind_its_head_also_within_one_batch(store: Store) -> None:
    await decide(store, create("g1"), join("g1", "ada"))
    acts = [command(name, "g1", "olga", member_id="ada") for name in (people.REMOVE, people.BAN, people.UNBAN)]
    await decide(store, acts[0], acts[1])
    await decide(store, acts[2])
    links = [link_of(found) for found in await store.find("audit", ["g1:1", "g1:2", "g1:3"])]
    head = Head(**(await one(store, "groups", "g1") or {})["audit"])
    assert [link.act.what for link in sorted(links, key=lambda link: link.number)] == ["remove", "ban", "unban"]
    assert first_broken("g1", head, sorted(links, key=lambda link: link.number)) is None
