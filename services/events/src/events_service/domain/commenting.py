"""Who may say what about an event, and who is told."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from events_service.domain import acts
from events_service.domain.comment import (
    MOST_EDITS,
    Comment,
    CommentDeleted,
    Commented,
    CommentEdited,
    Fact,
    Replied,
    Text,
)
from events_service.domain.event import Event
from events_service.domain.group import Group
from events_service.domain.permission import Action
from events_service.domain.refusal import Refused
from events_service.domain.speaker import Speaker
from events_service.domain.talk import Talk

UNKNOWN: Final = Refused("unknown-comment", "There is no such comment.")
GONE: Final = Refused("comment-gone", "This comment was taken away.")
NO_DEEPER: Final = Refused("no-deeper", "Answer the comment itself: replies are not answered.")
NOT_THE_AUTHOR: Final = Refused("not-allowed", "Only its author may change a comment.")
TOO_MANY_EDITS: Final = Refused("too-many-edits", f"A comment is edited {MOST_EDITS} times at most.")


def hearers(event: Event, group: Group) -> tuple[str, ...]:
    """Who may hear of what is said about it: its hosts; where it has none any more who made it, or the organizer."""
    return (*event.details.hosts, *(one for one in (event.created_by, group.organizer_id) if one is not None))


def _hearing(speaker: Speaker) -> tuple[str, ...]:
    """Whoever was put out of the group hosts nothing there. Who made a copy of a network event need not be in its
    chapter, and who made another event may have left."""
    event, organizer = speaker.event, speaker.group.organizer_id
    hosts = tuple(one for one in event.details.hosts if one not in speaker.out)
    if hosts:
        return hosts
    if event.created_by in speaker.present:
        return (event.created_by,)
    return () if organizer is None else (organizer,)


def comment(speaker: Speaker, talk: Talk, *, comment_id: str, text: Text, named: Sequence[str]) -> list[Fact] | Refused:
    """Say something about the event. Its hosts hear of it."""
    refused = speaker.kept_out()
    if refused is not None:
        return refused
    event, mentions = speaker.event, speaker.mentions(named)
    told = speaker.tells(_hearing(speaker))
    mentioned = tuple(one for one in speaker.tells(mentions) if one not in told)
    number = talk.last_number + 1
    made = Commented(event.id, event.group_id, comment_id, number, speaker.id, told, mentions, mentioned, asdict(text))
    return [made]


def reply(
    speaker: Speaker, talk: Talk, root: Comment | None, *, comment_id: str, text: Text, named: Sequence[str]
) -> list[Fact] | Refused:
    """Answer a comment. Its author hears of it, unless they wrote it, may read it no more, or there is a block
    between both."""
    if root is None or root.event_id != speaker.event.id:
        return UNKNOWN
    if root.to is not None:
        return NO_DEEPER
    refused = speaker.kept_out()
    if refused is not None:
        return refused
    if root.state != "shown":
        return GONE
    mentions = speaker.mentions(named)
    answers = next((one for one in speaker.tells([root.author_id]) if speaker.reaches(one)), None)
    mentioned = tuple(one for one in speaker.tells(mentions) if one != answers)
    event, number = speaker.event, talk.last_number + 1
    made = Replied(
        event.id, event.group_id, comment_id, root.id, number, speaker.id, answers, mentions, mentioned, asdict(text)
    )
    return [made]


def edit(
    speaker: Speaker, found: Comment | None, *, version: int, text: Text, named: Sequence[str]
) -> list[Fact] | Refused:
    """Write it anew, as seen at `version`; its author alone, while they take part. The same text changes nothing."""
    if found is None:
        return UNKNOWN
    refused = _not_to_edit(speaker, found, version)
    if refused is not None:
        return refused
    if text.body == found.body:
        return []
    mentions = speaker.mentions(named)
    mentioned = speaker.tells([one for one in mentions if one not in found.ever_mentioned])
    return [CommentEdited(found.event_id, found.id, mentions, mentioned, asdict(text))]


def _not_to_edit(speaker: Speaker, found: Comment, version: int) -> Refused | None:
    if found.author_id != speaker.id:
        return NOT_THE_AUTHOR
    if found.state == "deleted":
        return GONE
    if version != found.version:
        return Refused("stale-version", f"The comment is at version {found.version} by now.")
    return TOO_MANY_EDITS if found.edits >= MOST_EDITS else speaker.kept_out()


def delete(by: str, found: Comment | None, speaker: Speaker | None) -> list[Fact] | Refused:
    """Take a comment away: its author at any time, from outside and in a closed group too; leaders and hosts anybody's.

    Twice changes nothing. speaker: None where nothing is known of the event any more.
    """
    if found is None:
        return UNKNOWN
    if found.author_id != by and not (speaker is not None and speaker.may(Action.MODERATE)):
        return acts.NOT_ALLOWED
    return [] if found.state == "deleted" else [CommentDeleted(found.event_id, found.id, by)]
