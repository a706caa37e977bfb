"""Posts and replies: what people write in a group, what others make of it, and what is left when it is gone.

A thread is a post with its replies, one level deep: one aggregate, so that its counts are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

State = Literal["shown", "hidden", "deleted"]

Reaction = Literal["like", "love", "laugh", "celebrate", "support", "thanks", "surprised", "sad"]

MOST_EDITS: Final = 100


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote. body: Markdown; html: the same, safe to show; excerpt: its beginning as plain text."""

    title: str | None
    body: str
    html: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Post:
    """thread_id: of a reply, the post it answers; number: of a reply, its place there, from 1 on.

    mentions: members of the group that the text names; ever_mentioned: those that any of its texts named while others
    could read it, who hear of no other mention. withheld: hidden, and not by its author. reactions: how many of each
    name. replies: those not deleted; last_number: of the last reply there ever was. edits: how many texts there were
    before this one. `version` counts what its author and the leaders did to it, not what others said to it.
    """

    id: str
    group_id: str
    author_id: str
    created_at: datetime
    updated_at: datetime
    thread_id: str | None = None
    number: int | None = None
    title: str | None = None
    body: str = ""
    html: str = ""
    excerpt: str = ""
    announcement: bool = False
    state: State = "shown"
    withheld: bool = False
    pinned_at: datetime | None = None
    mentions: tuple[str, ...] = ()
    ever_mentioned: tuple[str, ...] = ()
    reactions: Mapping[str, int] = field(default_factory=dict)
    replies: int = 0
    last_number: int = 0
    edits: int = 0
    edited_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Posted:
    """text: all the fields of a `Text`. told: of those mentioned, whom it is told."""

    group_id: str
    post_id: str
    author_id: str
    announcement: bool
    mentions: tuple[str, ...]
    told: tuple[str, ...]
    text: dict[str, Any] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class Replied:
    """answers: whose post it answers and who is told so, if anybody is."""

    group_id: str
    post_id: str
    thread_id: str
    number: int
    author_id: str
    answers: str | None
    mentions: tuple[str, ...]
    told: tuple[str, ...]
    text: dict[str, Any] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class PostEdited:
    """told: who is mentioned now and never was before."""

    group_id: str
    post_id: str
    by: str
    mentions: tuple[str, ...]
    told: tuple[str, ...]
    text: dict[str, Any] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class Deleted:
    """By its author or by a leader. Its texts, the earlier ones too, are gone."""

    group_id: str
    post_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """By a leader; its author and the leaders still see it."""

    group_id: str
    post_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Hidden no longer."""

    group_id: str
    post_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Pinned:
    group_id: str
    post_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Unpinned:
    group_id: str
    post_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Reacted:
    group_id: str
    post_id: str
    member_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Unreacted:
    group_id: str
    post_id: str
    member_id: str
    name: str


Fact = Posted | Replied | PostEdited | Deleted | Hidden | Shown | Pinned | Unpinned | Reacted | Unreacted


@dataclass(frozen=True, slots=True)
class Thread:
    """root: the post that began it; posts: of it and its replies those that a decision concerns, by id."""

    root: Post | None = None
    posts: Mapping[str, Post] = field(default_factory=dict)

    def with_(self, post: Post) -> "Thread":
        """The thread in which a post is as given."""
        is_root = post.thread_id is None
        return Thread(post if is_root else self.root, {**self.posts, post.id: post})


def evolve(thread: Thread, fact: Fact, now: datetime) -> Thread:
    """The thread after the fact."""
    if isinstance(fact, Posted):
        return thread.with_(
            Post(
                fact.post_id,
                fact.group_id,
                fact.author_id,
                now,
                now,
                announcement=fact.announcement,
                mentions=fact.mentions,
                ever_mentioned=fact.mentions,
                **_shown(fact.text),
            )
        )
    if isinstance(fact, Replied):
        return _replied(thread, fact, now)
    before = thread.posts[fact.post_id]
    post = _counted(before, fact) if isinstance(fact, Reacted | Unreacted) else _changed(before, fact, now)
    after = thread.with_(post)
    if isinstance(fact, Deleted) and post.thread_id is not None:
        root = _there(after.root)
        return after.with_(replace(root, replies=root.replies - 1))
    return after


def _replied(thread: Thread, fact: Replied, now: datetime) -> Thread:
    root = _there(thread.root)
    reply = Post(
        fact.post_id,
        fact.group_id,
        fact.author_id,
        now,
        now,
        thread_id=root.id,
        number=fact.number,
        mentions=fact.mentions,
        ever_mentioned=fact.mentions,
        **_shown(fact.text),
    )
    return thread.with_(reply).with_(replace(root, replies=root.replies + 1, last_number=fact.number))


def _counted(post: Post, fact: Reacted | Unreacted) -> Post:
    change = 1 if isinstance(fact, Reacted) else -1
    counts = {**post.reactions, fact.name: post.reactions.get(fact.name, 0) + change}
    return replace(post, reactions={name: many for name, many in counts.items() if many})


def _changed(post: Post, fact: PostEdited | Deleted | Hidden | Shown | Pinned | Unpinned, now: datetime) -> Post:
    after = replace(post, version=post.version + 1, updated_at=now)
    match fact:
        case PostEdited(_, _, _, mentions, _, text):
            new = mentions if post.state == "shown" else ()
            ever = tuple(dict.fromkeys((*post.ever_mentioned, *new)))
            edited = replace(after, edits=post.edits + 1, edited_at=now, **_shown(text))
            return replace(edited, mentions=mentions, ever_mentioned=ever)
        case Deleted():
            gone = replace(after, title=None, body="", html="", excerpt="", mentions=(), ever_mentioned=())
            return replace(gone, state="deleted", withheld=False, pinned_at=None)
        case Hidden(_, _, by):
            return replace(after, state="hidden", withheld=by != post.author_id, pinned_at=None)
        case Shown():
            return replace(after, state="shown", withheld=False)
    return replace(after, pinned_at=now if isinstance(fact, Pinned) else None)


def _shown(text: dict[str, Any]) -> dict[str, Any]:
    """What of a `Text` a post shows, and is quoted with."""
    return {name: text[name] for name in ("title", "body", "html", "excerpt")}


def _there(root: Post | None) -> Post:
    if root is None:
        raise ValueError("a reply belongs to a post")
    return root
