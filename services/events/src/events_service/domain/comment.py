"""Comments on an event, and what is left of them when they are gone.

What is said about an event is one aggregate: its comments, the replies to them, one level deep, and letters. So all of
it has one order, and its counts are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

State = Literal["shown", "deleted"]

MOST_EDITS: Final = 100


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote. body: Markdown; html: the same, safe to show; excerpt: its beginning as plain text."""

    body: str
    html: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Comment:
    """number: its place in what is said about the event, from 1 on; to: of a reply, the comment it answers.

    mentions: members of the group that the text names; ever_mentioned: those that any of its texts named, who hear of
    no other mention. replies: to it, without those deleted. edits: how many texts there were before this one. `version`
    counts what its author and the leaders did to it, not what others said to it.
    """

    id: str
    event_id: str
    group_id: str
    author_id: str
    number: int
    created_at: datetime
    updated_at: datetime
    to: str | None = None
    body: str = ""
    html: str = ""
    state: State = "shown"
    mentions: tuple[str, ...] = ()
    ever_mentioned: tuple[str, ...] = ()
    replies: int = 0
    edits: int = 0
    edited_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Commented:
    """told: the hosts who hear of it; mentioned: of those it mentions, who hears of that. text: all of a `Text`."""

    event_id: str
    group_id: str
    comment_id: str
    number: int
    author_id: str
    told: tuple[str, ...]
    mentions: tuple[str, ...]
    mentioned: tuple[str, ...]
    text: dict[str, Any] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class Replied:
    """answers: whose comment it answers and who is told so, if anybody is."""

    event_id: str
    group_id: str
    comment_id: str
    to: str
    number: int
    author_id: str
    answers: str | None
    mentions: tuple[str, ...]
    mentioned: tuple[str, ...]
    text: dict[str, Any] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class CommentEdited:
    """mentioned: who hears that they are mentioned now and never were before."""

    event_id: str
    comment_id: str
    mentions: tuple[str, ...]
    mentioned: tuple[str, ...]
    text: dict[str, Any] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class CommentDeleted:
    """By its author, a leader or a host. Its text is gone."""

    event_id: str
    comment_id: str
    by: str


Fact = Commented | Replied | CommentEdited | CommentDeleted


def evolve(comments: Mapping[str, Comment], fact: Fact, now: datetime) -> dict[str, Comment]:
    """Those concerned, by id, after the fact."""
    match fact:
        case Commented():
            return {**comments, fact.comment_id: _made(fact, None, now)}
        case Replied(to=to):
            root = comments[to]
            made = _made(fact, to, now)
            return {**comments, made.id: made, to: replace(root, replies=root.replies + 1)}
        case CommentEdited():
            return {**comments, fact.comment_id: _edited(comments[fact.comment_id], fact, now)}
        case CommentDeleted():
            before = comments[fact.comment_id]
            gone = replace(before, state="deleted", body="", html="", mentions=(), ever_mentioned=())
            after = {**comments, before.id: replace(gone, version=before.version + 1, updated_at=now)}
            if before.to is not None:
                root = comments[before.to]
                after[root.id] = replace(root, replies=root.replies - 1)
            return after


def _made(fact: Commented | Replied, to: str | None, now: datetime) -> Comment:
    return Comment(
        fact.comment_id,
        fact.event_id,
        fact.group_id,
        fact.author_id,
        fact.number,
        created_at=now,
        updated_at=now,
        to=to,
        body=fact.text["body"],
        html=fact.text["html"],
        mentions=fact.mentions,
        ever_mentioned=fact.mentions,
    )


def _edited(before: Comment, fact: CommentEdited, now: datetime) -> Comment:
    return replace(
        before,
        body=fact.text["body"],
        html=fact.text["html"],
        mentions=fact.mentions,
        ever_mentioned=tuple(dict.fromkeys((*before.ever_mentioned, *fact.mentions))),
        edits=before.edits + 1,
        edited_at=now,
        updated_at=now,
        version=before.version + 1,
    )
