"""Commands about comments on events, and how they are decided."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
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
from events_service.domain import acts, commenting
from events_service.domain.comment import Comment, Fact
from events_service.domain.refusal import Refused
from events_service.handlers.answer import Answer
from events_service.handlers.talk import Discussion, author_of, discussed, talk_aggregate, text_of

COMMENT: Final = "comment.comment"
REPLY: Final = "comment.reply"
EDIT: Final = "comment.edit"
DELETE: Final = "comment.delete"

WRITES: Final = Personal(
    author_of, body=("body", "html", "excerpt"), answer=("body", "html"), topics=("events.conversation.v1",)
)
"""What somebody writes; no answer but to its author repeats it."""


async def comment(journal: Journal, ask: Ask, event_id: str, *, body: str) -> Result:
    """Say something about an event."""
    asked = ask(name=COMMENT, aggregate=talk_aggregate(event_id), body={"event_id": event_id, "body": body})
    return await journal.run(await with_text(asked, body))


async def reply(journal: Journal, ask: Ask, to: Mapping[str, Any], *, body: str) -> Result:
    """Answer a comment. to: its document."""
    given = {"event_id": to["event_id"], "to": to["_id"], "body": body}
    return await journal.run(await with_text(ask(name=REPLY, aggregate=_aggregate(to), body=given), body))


async def edit(journal: Journal, ask: Ask, found: Mapping[str, Any], *, version: Seen, body: str) -> Result:
    """Write it anew, as the caller saw it at `version`. found: its document."""
    given = {"event_id": found["event_id"], "comment_id": found["_id"], "version": version, "body": body}
    return await journal.run(await with_text(ask(name=EDIT, aggregate=_aggregate(found), body=given), body))


async def delete(journal: Journal, ask: Ask, found: Mapping[str, Any]) -> Result:
    """Take a comment away. found: its document."""
    body = {"event_id": found["event_id"], "comment_id": found["_id"]}
    return await journal.run(ask(name=DELETE, aggregate=_aggregate(found), body=body))


def erase(found: Mapping[str, Any]) -> Command:
    """As its author would delete it, who is forgotten. found: its document."""
    id_ = derived_id("erase", found["_id"], str(found["version"]))
    body = {"event_id": found["event_id"], "comment_id": found["_id"]}
    return Command(id_, DELETE, _aggregate(found), body, actor=found["author_id"])


async def with_text(asked: Command, body: str) -> Command:
    """Reading Markdown takes its time, so it is done before the lane's turn, and beside the loop."""
    text = await asyncio.to_thread(written, None, body)
    return replace(asked, body={**asked.body, "html": text.html, "excerpt": text.excerpt, "named": list(text.named)})


def _aggregate(found: Mapping[str, Any]) -> str:
    return talk_aggregate(found["event_id"])


def comment_id_of(command: Command) -> str:
    """The comment that a command is about; the new one where it makes one."""
    if command.name in (COMMENT, REPLY):
        return derived_id("comment", command.id)
    comment_id: str = command.body["comment_id"]
    return comment_id


def decide_comment(discussion: Discussion, command: Command, now: datetime) -> Outcome[Discussion]:
    speaker, text, named = discussion.speaker, text_of(command), command.body["named"]
    if speaker is None:
        return refused(discussion, acts.UNKNOWN)
    id_ = comment_id_of(command)
    facts = commenting.comment(speaker, discussion.talk, comment_id=id_, text=text, named=named)
    return _made(_outcome(discussion, command, facts, now))


def decide_reply(discussion: Discussion, command: Command, now: datetime) -> Outcome[Discussion]:
    speaker, text, named = discussion.speaker, text_of(command), command.body["named"]
    if speaker is None:
        return refused(discussion, acts.UNKNOWN)
    id_, root = comment_id_of(command), discussion.comments.get(command.body["to"])
    facts = commenting.reply(speaker, discussion.talk, root, comment_id=id_, text=text, named=named)
    return _made(_outcome(discussion, command, facts, now))


def version_of(discussion: Discussion, command: Command) -> int:
    """What there is, 0 for nothing."""
    found = discussion.comments.get(comment_id_of(command))
    return 0 if found is None else found.version


def decide_edit(discussion: Discussion, command: Command, now: datetime) -> Outcome[Discussion]:
    speaker, body = discussion.speaker, command.body
    if speaker is None:
        return refused(discussion, acts.UNKNOWN)
    found = discussion.comments.get(comment_id_of(command))
    version = version_seen(body["version"], version_of(discussion, command))
    facts = commenting.edit(speaker, found, version=version, text=text_of(command), named=body["named"])
    return _outcome(discussion, command, facts, now)


def decide_delete(discussion: Discussion, command: Command, now: datetime) -> Outcome[Discussion]:
    found = discussion.comments.get(comment_id_of(command))
    facts = commenting.delete(author_of(command), found, discussion.speaker)
    return _outcome(discussion, command, facts, now)


def comment_answer(found: Mapping[str, Any], *, shown: bool) -> Answer:
    """What callers are told of a comment, from its fields; of one that is gone neither text nor author."""
    return {
        "comment_id": found["id"],
        "event_id": found["event_id"],
        "group_id": found["group_id"],
        "to": found["to"],
        "number": found["number"],
        "author_id": found["author_id"] if shown else None,
        "body": found["body"] if shown else None,
        "html": found["html"] if shown else None,
        "mentions": list(found["mentions"]) if shown else [],
        "state": found["state"],
        "replies": found["replies"],
        "edits": found["edits"],
        "edited_at": when(found["edited_at"]),
        "version": found["version"],
        "created_at": when(found["created_at"]),
        "updated_at": when(found["updated_at"]),
    }


def _outcome(
    discussion: Discussion, command: Command, facts: Sequence[Fact] | Refused, now: datetime
) -> Outcome[Discussion]:
    """The answer is the comment."""
    if isinstance(facts, Refused):
        return refused(discussion, facts)
    after = discussed(discussion, facts, now)
    found: Comment = after.comments[comment_id_of(command)]
    return Outcome(after, facts, comment_answer(asdict(found), shown=found.state == "shown"))


def _made(outcome: Outcome[Discussion]) -> Outcome[Discussion]:
    return replace(outcome, created=outcome.refused is None)
