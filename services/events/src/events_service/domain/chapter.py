"""The chapters of a network event: which of them have a copy, and who has no part in it any more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from events_service.domain.acts import NOT_ALLOWED
from events_service.domain.details import AttendeeList, Details, times
from events_service.domain.group import Group, Membership
from events_service.domain.network import Network
from events_service.domain.network_event import IN_THE_PAST, NetworkEvent, Reached
from events_service.domain.permission import Action
from events_service.domain.refusal import Refused

State = Literal["planned", "skipped", "opted-out", "left"]

STEPS: Final = 100
"""Chapters that one decision looks at."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter and its copy, which begins with this zone and attendee list. reason: why it was skipped."""

    group_id: str
    event_id: str
    state: State
    timezone: str
    attendee_list: AttendeeList
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ChapterPlanned:
    """The chapter shall have a copy."""

    group_id: str
    event_id: str
    timezone: str
    attendee_list: AttendeeList


@dataclass(frozen=True, slots=True)
class ChapterSkipped:
    """The chapter cannot have a copy as things are. reason: as of a refusal."""

    group_id: str
    event_id: str
    timezone: str
    attendee_list: AttendeeList
    reason: str


@dataclass(frozen=True, slots=True)
class ChapterOptedOut:
    group_id: str
    by: str


@dataclass(frozen=True, slots=True)
class ChapterLeft:
    """It is no chapter of the network any more; its event is its own."""

    group_id: str


Fact = ChapterPlanned | ChapterSkipped | ChapterOptedOut | ChapterLeft
IdOf = Callable[[str], str]

NO_CHAPTER: Final = Refused("unknown-chapter", "This group has no part in the network event.")


def opt_out(
    found: NetworkEvent, by: str, chapter: Chapter | None, *, network: Network, membership: Membership
) -> list[Fact] | Refused:
    """The chapter has no part in it any more, say its leaders or the network's admins. Twice changes nothing."""
    if by not in network.admins and not membership.may(Action.EDIT_EVENTS):
        return NOT_ALLOWED
    if chapter is None:
        return NO_CHAPTER
    return [ChapterOptedOut(chapter.group_id, by)] if chapter.state in ("planned", "skipped") else []


def thrown_away(by: str, chapter: Chapter | None) -> list[Fact]:
    """The chapter's draft was deleted: it has opted out. That somebody may do so the event has decided."""
    return [ChapterOptedOut(chapter.group_id, by)] if chapter is not None and chapter.state == "planned" else []


def leave(found: NetworkEvent, chapter: Chapter | None, group: Group | None) -> list[Fact]:
    """The group is in the network no more, unless it has come back meanwhile."""
    if chapter is None or chapter.state not in ("planned", "skipped") or _inside(found, group):
        return []
    return [ChapterLeft(chapter.group_id)]


def plan(
    found: NetworkEvent,
    groups: Sequence[tuple[Group, Chapter | None]],
    *,
    id_of: IdOf,
    after: str | None,
    now: datetime,
) -> list[Fact | Reached]:
    """These groups of the network shall have copies, each with the part that it has in it so far, if any: who was
    skipped is considered again, and nobody else. id_of: the event's, by the group's."""
    facts: list[Fact] = []
    for group, chapter in groups:
        if found.status == "cancelled" or (chapter is not None and chapter.state != "skipped"):
            continue
        fact = _considered(found, group, id_of(group.id), now)
        if chapter is None or fact != _skip_of(chapter):
            facts.append(fact)
    planned = tuple(fact.group_id for fact in facts if isinstance(fact, ChapterPlanned))
    return [*facts, Reached(found.id, planned, after)]


def reach(
    found: NetworkEvent,
    chapters: Sequence[tuple[Chapter, Group | None]],
    *,
    anew: bool,
    after: str | None,
    now: datetime,
) -> list[Fact | Reached]:
    """These chapters' copies look again. anew: who was skipped is considered again."""
    facts: list[Fact] = []
    reached: list[str] = []
    for chapter, group in chapters:
        if chapter.state not in ("planned", "skipped"):
            continue
        if group is None or not _inside(found, group):
            facts.append(ChapterLeft(chapter.group_id))
        elif chapter.state == "skipped" and anew and found.status != "cancelled":
            fact = _considered(found, group, chapter.event_id, now)
            if fact != _skip_of(chapter):
                facts.append(fact)
            if isinstance(fact, ChapterSkipped):
                continue
        elif chapter.state == "skipped":
            continue
        reached.append(chapter.group_id)
    return [*facts, Reached(found.id, tuple(reached), after)]


def details_for(found: NetworkEvent, timezone: str, attendee_list: AttendeeList) -> Details:
    """The details of a chapter's copy as the network event wants them."""
    return replace(found.details, timezone=timezone, attendee_list=found.listed or attendee_list)


def _considered(found: NetworkEvent, group: Group, event_id: str, now: datetime) -> ChapterPlanned | ChapterSkipped:
    listed: AttendeeList = "everyone" if group.visibility == "public" else "members"
    fits = times(details_for(found, group.timezone, listed))
    if group.status in ("frozen", "closed"):
        reason = f"group-{group.status}"
    elif isinstance(fits, Refused):
        reason = fits.reason
    elif fits.starts <= now:
        reason = IN_THE_PAST.reason
    else:
        return ChapterPlanned(group.id, event_id, group.timezone, listed)
    return ChapterSkipped(group.id, event_id, group.timezone, listed, reason)


def _skip_of(chapter: Chapter) -> ChapterSkipped:
    return ChapterSkipped(
        chapter.group_id, chapter.event_id, chapter.timezone, chapter.attendee_list, chapter.reason or ""
    )


def _inside(found: NetworkEvent, group: Group | None) -> bool:
    return group is not None and group.network_id == found.network_id


def evolve(before: Chapter | None, fact: Fact) -> Chapter:
    """The chapter's part after the fact."""
    match fact:
        case ChapterPlanned(group_id, event_id, timezone, listed):
            return Chapter(group_id, event_id, "planned", timezone, listed)
        case ChapterSkipped(group_id, event_id, timezone, listed, reason):
            return Chapter(group_id, event_id, "skipped", timezone, listed, reason)
    if before is None:
        raise ValueError("a chapter's first fact is what it was planned or skipped by")
    return replace(before, state="left" if isinstance(fact, ChapterLeft) else "opted-out")
