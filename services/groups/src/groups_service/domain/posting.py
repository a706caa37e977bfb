"""Who may write what in a group, and who is told."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

from groups_service.domain.membership import CLOSED, NOT_ALLOWED, Membership
from groups_service.domain.permission import Action
from groups_service.domain.post import (
    MOST_EDITS,
    Deleted,
    Fact,
    Hidden,
    Pinned,
    Post,
    Posted,
    PostEdited,
    Reacted,
    Replied,
    Shown,
    Text,
    Unpinned,
    Unreacted,
)
from groups_service.domain.refusal import Refused

MEMBERS_ONLY: Final = Refused("members-only", "Only members of this group may do this.")
NO_POST: Final = Refused("post-not-found", "There is no such post.")
POST_GONE: Final = Refused("post-gone", "This post was taken away.")
NO_DEEPER: Final = Refused("no-deeper", "Answer the post itself: replies are not answered.")
NOT_THE_AUTHOR: Final = Refused("not-allowed", "Only its author may change a post.")
WITHHELD: Final = Refused("not-allowed", "Somebody else has hidden your post: another leader may show it again.")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who writes, and how they stand to the others that the writing concerns.

    closed: the group is. present: of those mentioned the active members. apart: between whom and the speaker there is a
    block, whoever made it.
    """

    membership: Membership
    closed: bool = False
    present: frozenset[str] = field(default_factory=frozenset)
    apart: frozenset[str] = field(default_factory=frozenset)

    @property
    def id(self) -> str:
        return self.membership.member_id

    def kept_out(self, action: Action = Action.TALK) -> Refused | None:
        """Why they may not do this here, if so."""
        if self.membership.state != "active":
            return MEMBERS_ONLY
        if not self.membership.may(action):
            return NOT_ALLOWED
        return CLOSED if self.closed else None

    def mentions(self, named: Sequence[str]) -> tuple[str, ...]:
        """Who of those named is a member; whoever is blocked too, for the speaker is not told of blocks."""
        return tuple(one for one in named if one in self.present)

    def tells(self, mentioned: Sequence[str]) -> tuple[str, ...]:
        """Whom a mention is told."""
        return tuple(one for one in mentioned if one != self.id and one not in self.apart)


def post(
    speaker: Speaker, *, group_id: str, post_id: str, text: Text, named: Sequence[str], announcement: bool
) -> list[Fact] | Refused:
    """Begin a thread; an announcement is for those who may write one."""
    refused = speaker.kept_out(Action.ANNOUNCE if announcement else Action.TALK)
    if refused is not None:
        return refused
    mentions = speaker.mentions(named)
    return [Posted(group_id, post_id, speaker.id, announcement, mentions, speaker.tells(mentions), asdict(text))]


def reply(
    speaker: Speaker, root: Post | None, *, post_id: str, text: Text, named: Sequence[str]
) -> list[Fact] | Refused:
    """Answer a post. Its author hears of it, unless they wrote it or there is a block between both."""
    if root is None:
        return NO_POST
    if root.thread_id is not None:
        return NO_DEEPER
    refused = speaker.kept_out()
    if refused is not None:
        return refused
    if root.state != "shown":
        return POST_GONE
    mentions = speaker.mentions(named)
    answers = next(iter(speaker.tells([root.author_id])), None)
    told = tuple(one for one in speaker.tells(mentions) if one != answers)
    number = root.last_number + 1
    return [Replied(root.group_id, post_id, root.id, number, speaker.id, answers, mentions, told, asdict(text))]


def edit(
    speaker: Speaker, post: Post | None, *, version: int, text: Text, named: Sequence[str]
) -> list[Fact] | Refused:
    """Write it anew, as seen at `version`; its author alone, while a member, and an announcement while they may write
    one. The same text changes nothing."""
    if post is None:
        return NO_POST
    refused = _not_to_edit(speaker, post, version)
    if refused is not None:
        return refused
    if (text.title, text.body) == (post.title, post.body):
        return []
    mentions = speaker.mentions(named)
    new = [one for one in mentions if one not in post.ever_mentioned]
    told = speaker.tells(new) if post.state == "shown" else ()
    return [PostEdited(post.group_id, post.id, speaker.id, mentions, told, asdict(text))]


def _not_to_edit(speaker: Speaker, post: Post, version: int) -> Refused | None:
    if post.author_id != speaker.id:
        return NOT_THE_AUTHOR
    if post.state == "deleted":
        return POST_GONE
    if version != post.version:
        return Refused("stale-version", f"The post is at version {post.version} by now.")
    if post.edits >= MOST_EDITS:
        return Refused("too-many-edits", f"A post is edited {MOST_EDITS} times at most.")
    return speaker.kept_out(Action.ANNOUNCE if post.announcement else Action.TALK)


def delete(by: str, post: Post | None) -> list[Fact] | Refused:
    """Take one's own post back: at any time, also from outside and in a closed group. Twice changes nothing."""
    if post is None:
        return NO_POST
    if post.author_id != by:
        return NOT_THE_AUTHOR
    return [] if post.state == "deleted" else [Deleted(post.group_id, post.id, by)]


def moderate(by: str, post: Post | None, act: Literal["hide", "show", "delete"]) -> list[Fact] | Refused:
    """What the group has decided about a post. What is so already, or is gone, changes nothing; but what its author hid
    another may hide too, and what another hid of their own is not theirs to show again, nor was it meanwhile."""
    if post is None:
        return NO_POST
    own = post.author_id == by
    match act:
        case "delete" if post.state != "deleted":
            return [Deleted(post.group_id, post.id, by)]
        case "hide" if post.state == "shown" or (post.state == "hidden" and not post.withheld and not own):
            return [Hidden(post.group_id, post.id, by)]
        case "show" if post.state == "hidden":
            return WITHHELD if post.withheld and own else [Shown(post.group_id, post.id, by)]
    return []


def pin(speaker: Speaker, post: Post | None, *, pinned: bool) -> list[Fact] | Refused:
    """Keep a post above the others, or no longer; replies stay where they are."""
    if post is None:
        return NO_POST
    refused = speaker.kept_out(Action.MODERATE)
    if refused is not None:
        return refused
    if post.thread_id is not None:
        return Refused("not-a-post", "Replies cannot be pinned.")
    if (post.pinned_at is not None) == pinned:
        return []
    if not pinned:
        return [Unpinned(post.group_id, post.id, speaker.id)]
    return POST_GONE if post.state != "shown" else [Pinned(post.group_id, post.id, speaker.id)]


def react(speaker: Speaker, post: Post | None, name: str, *, already: bool) -> list[Fact] | Refused:
    """Say something in one word; once per member, post and word."""
    if post is None:
        return NO_POST
    refused = speaker.kept_out()
    if refused is not None:
        return refused
    if already:
        return []
    return POST_GONE if post.state != "shown" else [Reacted(post.group_id, post.id, speaker.id, name)]


def unreact(by: str, post: Post | None, name: str, *, already: bool, inside: bool) -> list[Fact] | Refused:
    """Take a reaction back, also from outside. What is not there changes nothing, and who asks for that from outside is
    not told how the post stands. inside: `by` is a member of its group."""
    if post is None:
        return NO_POST
    if already:
        return [Unreacted(post.group_id, post.id, by, name)]
    return [] if inside else MEMBERS_ONLY
