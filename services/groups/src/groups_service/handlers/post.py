"""Commands about posts and replies, and how they are decided. The aggregate is the thread: a post with its replies."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from chassis.journal.seen import Seen, version_seen
from chassis.markdown import written
from chassis.times import when
from groups_service.domain import group as groups
from groups_service.domain import post as posts
from groups_service.domain import posting, succession
from groups_service.domain.circle import NO_GROUP
from groups_service.domain.group import Group
from groups_service.domain.membership import Membership
from groups_service.domain.post import Fact, Post, Text, Thread
from groups_service.domain.posting import Speaker
from groups_service.domain.refusal import Refused
from groups_service.handlers.answer import Answer

POST: Final = "post.post"
REPLY: Final = "post.reply"
EDIT: Final = "post.edit"
DELETE: Final = "post.delete"
PIN: Final = "post.pin"
REACT: Final = "post.react"
UNREACT: Final = "post.unreact"
MODERATE: Final = "post.moderate"

_OWN: Final = ("title", "body", "html")
_COUNTED: Final = ("version", "created_at", "updated_at")


def _author(command: Command) -> str:
    return command.actor or ""


def _whose(command: Command) -> str:
    """Of the post; an earlier release did not say whose it is."""
    return str(command.body.get("author_id", command.body["by"]))


WRITES: Final = Personal(_author, body=(*_OWN, "excerpt"), answer=_OWN, topics=("groups.conversation.v1",))
"""What somebody writes; nobody but its author ever sends it."""
QUOTES: Final = Personal(_whose, topics=WRITES.topics)
"""What somebody wrote, shown again by others."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What a decision about a thread needs to know.

    thread: with the post in question. group: None where the decision does not depend on it. present, apart: as for a
    `Speaker`. already: whether the reaction in question is there.
    """

    thread: Thread
    group: Group | None = None
    membership: Membership | None = None
    present: frozenset[str] = field(default_factory=frozenset)
    apart: frozenset[str] = field(default_factory=frozenset)
    already: bool = False


async def post(
    journal: Journal, ask: Ask, group_id: str, *, title: str | None, body: str, announcement: bool
) -> Result:
    """Begin a thread."""
    given = {"group_id": group_id, "title": title, "body": body, "announcement": announcement}
    asked = await _with_text(ask(name=POST, aggregate="", body=given), title, body)
    return await journal.run(replace(asked, aggregate=derived_id("post", asked.id)))


async def reply(journal: Journal, ask: Ask, to: Mapping[str, Any], *, body: str) -> Result:
    """Answer a post. to: its document."""
    given = {"group_id": to["group_id"], "to": to["_id"], "title": None, "body": body}
    return await journal.run(await _with_text(ask(name=REPLY, aggregate=thread_of(to), body=given), None, body))


async def edit(
    journal: Journal, ask: Ask, post: Mapping[str, Any], *, version: Seen, title: str | None, body: str
) -> Result:
    """Write it anew, as the caller saw it at `version`."""
    given = {"group_id": post["group_id"], "post_id": post["_id"], "version": version, "title": title, "body": body}
    return await journal.run(await _with_text(ask(name=EDIT, aggregate=thread_of(post), body=given), title, body))


async def act(journal: Journal, ask: Ask, post: Mapping[str, Any], command: str, /, **more: object) -> Result:
    """Delete, pin or react; `command` is its name."""
    body = {"group_id": post["group_id"], "post_id": post["_id"], **more}
    return await journal.run(ask(name=command, aggregate=thread_of(post), body=body))


async def _with_text(asked: Command, title: str | None, body: str) -> Command:
    """Reading Markdown takes its time, so it is done before the lane's turn, and beside the loop."""
    text = await asyncio.to_thread(written, title, body)
    more = {"html": text.html, "excerpt": text.excerpt, "named": list(text.named)}
    return replace(asked, body={**asked.body, **more})


def thread_of(post: Mapping[str, Any]) -> str:
    """The aggregate that decides about the post of a document."""
    found: str = post["thread_id"] or post["_id"]
    return found


def post_id_of(command: Command) -> str:
    """The post that a command is about; the new one where it makes one."""
    if command.name == POST:
        return command.aggregate
    if command.name == REPLY:
        return derived_id("post", command.id)
    post_id: str = command.body["post_id"]
    return post_id


def decide_post(talk: Talk, command: Command, now: datetime) -> Outcome[Talk]:
    body = command.body
    outcome = _spoken(
        talk,
        command,
        now,
        lambda speaker: posting.post(
            speaker,
            group_id=body["group_id"],
            post_id=command.aggregate,
            text=_text(body),
            named=body["named"],
            announcement=body["announcement"],
        ),
    )
    return replace(outcome, created=outcome.refused is None)


def decide_reply(talk: Talk, command: Command, now: datetime) -> Outcome[Talk]:
    body, to = command.body, talk.thread.posts.get(command.body["to"])
    outcome = _spoken(
        talk,
        command,
        now,
        lambda speaker: posting.reply(speaker, to, post_id=post_id_of(command), text=_text(body), named=body["named"]),
    )
    return replace(outcome, created=outcome.refused is None)


def decide_edit(talk: Talk, command: Command, now: datetime) -> Outcome[Talk]:
    body, post = command.body, _post(talk, command)
    text, version = _text(body), version_seen(body["version"], 0 if post is None else post.version)
    return _spoken(
        talk,
        command,
        now,
        lambda speaker: posting.edit(speaker, post, version=version, text=text, named=body["named"]),
    )


def decide_pin(talk: Talk, command: Command, now: datetime) -> Outcome[Talk]:
    post, pinned = _post(talk, command), command.body["pinned"]
    return _counted(_spoken(talk, command, now, lambda speaker: posting.pin(speaker, post, pinned=pinned)))


def decide_react(talk: Talk, command: Command, now: datetime) -> Outcome[Talk]:
    post, name = _post(talk, command), command.body["name"]
    return _counted(
        _spoken(talk, command, now, lambda speaker: posting.react(speaker, post, name, already=talk.already))
    )


def decide_unreact(talk: Talk, command: Command, now: datetime) -> Outcome[Talk]:
    post, actor = _post(talk, command), command.actor or ""
    inside = talk.membership is not None and talk.membership.state == "active"
    facts = posting.unreact(actor, post, command.body["name"], already=talk.already, inside=inside)
    return _counted(_outcome(talk, command, facts, now))


def decide_delete(talk: Talk, command: Command, now: datetime) -> Outcome[Talk]:
    return _outcome(talk, command, posting.delete(command.actor or "", _post(talk, command)), now)


def decide_moderate(talk: Talk, command: Command, now: datetime) -> Outcome[Talk]:
    body = command.body
    return _counted(_outcome(talk, command, posting.moderate(body["by"], _post(talk, command), body["act"]), now))


def post_answer(post: Mapping[str, Any], *, whole: bool) -> Answer:
    """What callers are told of a post, from its fields. whole: with its text, which the deleted have no more."""
    shown = whole and post["state"] != "deleted"
    return {
        "post_id": post["id"],
        "group_id": post["group_id"],
        "thread_id": post["thread_id"],
        "number": post["number"],
        "author_id": post["author_id"] if shown else None,
        "title": post["title"] if shown else None,
        "body": post["body"] if shown else None,
        "html": post["html"] if shown else None,
        "mentions": list(post["mentions"]) if shown else [],
        "announcement": post["announcement"],
        "state": post["state"],
        "pinned_at": when(post["pinned_at"]),
        "reactions": dict(post["reactions"]),
        "replies": post["replies"],
        "edits": post["edits"],
        "edited_at": when(post["edited_at"]),
        "version": post["version"],
        "created_at": when(post["created_at"]),
        "updated_at": when(post["updated_at"]),
    }


def _spoken(
    talk: Talk, command: Command, now: datetime, rule: Callable[[Speaker], list[Fact] | Refused]
) -> Outcome[Talk]:
    """What a rule says of somebody's wish in the group as it is once everything has happened that was due by now."""
    if talk.group is None or talk.membership is None:
        return _outcome(talk, command, NO_GROUP, now)
    group = talk.group
    for fact in succession.lapse(group, now):
        if isinstance(fact, groups.Fact):
            group = groups.evolve(group, fact, now)
    speaker = Speaker(talk.membership, group.status == "closed", talk.present, talk.apart)
    return _outcome(talk, command, rule(speaker), now)


def _outcome(talk: Talk, command: Command, facts: list[Fact] | Refused, now: datetime) -> Outcome[Talk]:
    """The answer is the post."""
    if isinstance(facts, Refused):
        return refused(talk, facts)
    thread = talk.thread
    for fact in facts:
        thread = posts.evolve(thread, fact, now)
    return Outcome(
        replace(talk, thread=thread), facts, post_answer(asdict(thread.posts[post_id_of(command)]), whole=True)
    )


def _counted(outcome: Outcome[Talk]) -> Outcome[Talk]:
    """The answer without the text, which is not the actor's own."""
    if outcome.refused is not None:
        return outcome
    left = ("post_id", "group_id", "thread_id", "state", "pinned_at", "reactions", "replies")
    return replace(outcome, answer={name: outcome.answer[name] for name in (*left, *_COUNTED)})


def _post(talk: Talk, command: Command) -> Post | None:
    return talk.thread.posts.get(post_id_of(command))


def _text(body: Mapping[str, Any]) -> Text:
    return Text(body["title"], body["body"], body["html"], body["excerpt"])
