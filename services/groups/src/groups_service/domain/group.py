"""A group: what it says of itself, how people join it, and who organizes it."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from groups_service.domain import chapter as chapters
from groups_service.domain import vacancy as vacancies
from groups_service.domain.chapter import Affiliation
from groups_service.domain.growth import Today
from groups_service.domain.membership import Voted
from groups_service.domain.refusal import Refused
from groups_service.domain.vacancy import (
    Closed,
    Froze,
    OrganizerLeft,
    SteppedBack,
    SteppedUp,
    Succeeded,
    Vacancy,
    VoteLost,
)

Visibility = Literal["public", "private"]
JoinMode = Literal["open", "approval", "closed"]
Status = Literal["active", "grace", "frozen", "closed"]


URLNAME_LENGTH: Final = 60

_URLNAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){2,59}")
_ID: Final = re.compile(r"[a-z2-7]{26}")


def is_urlname(text: str) -> bool:
    """3 to 60 letters, digits and single dashes, and nothing that could be taken for a group's id."""
    return _URLNAME.fullmatch(text) is not None and not is_id(text)


def is_id(text: str) -> bool:
    """Whether this has the form of a group's id."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Details:
    """What the organizer decides about a group. `lat` and `lon` in degrees; `timezone` an IANA name.

    digest_above: with more members than this, announcements reach them by mail in digests; None = the platform decides.
    """

    urlname: str
    name: str
    city: str
    country: str
    lat: float
    lon: float
    timezone: str
    description: str = ""
    topics: tuple[str, ...] = ()
    state: str | None = None
    visibility: Visibility = "public"
    join_mode: JoinMode = "open"
    join_questions: tuple[str, ...] = ()
    photo_required: bool = False
    members_are_called: str = "Members"
    digest_above: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """`version` counts edits; people coming and going do not move it. `member_count` counts active memberships.

    vacancy: while nobody organizes it, unless it is closed; candidatures: how many there ever were. leaders: how many
    of the members have a role; today: who came and went on the last day on which anybody did.
    """

    id: str
    number: int
    details: Details
    organizer_id: str | None
    created_at: datetime
    updated_at: datetime
    member_count: int = 0
    status: Status = "active"
    vacancy: Vacancy | None = None
    candidatures: int = 0
    leaders: int = 0
    today: Today | None = None
    affiliation: Affiliation = field(default_factory=Affiliation)
    version: int = 1


@dataclass(frozen=True, slots=True)
class Created:
    """details: all the fields of a `Details`."""

    group_id: str
    by: str
    number: int
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """changes: the new values of the fields of `Details` that changed."""

    group_id: str
    by: str
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The group has another organizer."""

    group_id: str
    by: str
    organizer_id: str


Fact = Created | Changed | HandedOver | vacancies.Fact | Voted | chapters.Fact

URLNAME_TAKEN = Refused("urlname-taken", "Another group has this urlname.")


def create(
    group_id: str, by: str, *, details: Details, instead: Sequence[str], taken: frozenset[str], number: int | None
) -> list[Created] | Refused:
    """Found a group under the wanted urlname, or under the first free one of those that will do instead."""
    if number is None:
        return Refused("no-numbers", "There are no numbers left to give.")
    urlname = next((name for name in (details.urlname, *instead) if name not in taken), None)
    if urlname is None:
        return URLNAME_TAKEN
    return [Created(group_id=group_id, by=by, number=number, details=asdict(replace(details, urlname=urlname)))]


def change(
    group: Group, by: str, *, version: int, changes: dict[str, Any], taken: frozenset[str]
) -> list[Changed] | Refused:
    """Edit the group as it was at `version`. Values that are already so change nothing."""
    if version != group.version:
        return Refused("stale-version", f"The group is at version {group.version} by now.")
    if group.details.visibility == "private" and changes.get("visibility") == "public":
        return Refused("private-for-good", "A private group stays private.")
    new = {name: value for name, value in changes.items() if getattr(group.details, name) != value}
    if new.get("urlname") in taken:
        return URLNAME_TAKEN
    return [Changed(group_id=group.id, by=by, changes=new)] if new else []


def evolve(group: Group | None, fact: Fact, now: datetime) -> Group:
    """The group after the fact."""
    if isinstance(fact, Created):
        return Group(
            id=fact.group_id,
            number=fact.number,
            details=Details(**fact.details),
            organizer_id=fact.by,
            created_at=now,
            updated_at=now,
        )
    if group is None:
        raise ValueError("a group's first fact is its creation")
    if isinstance(fact, Voted | VoteLost):
        return replace(group, vacancy=_moved(group, fact, now))
    if isinstance(fact, chapters.Fact):
        return _affiliated(group, fact, now)
    edited = replace(group, version=group.version + 1, updated_at=now)
    match fact:
        case Changed(_, _, changes):
            return replace(edited, details=replace(group.details, **changes))
        case HandedOver(_, _, organizer_id):
            return replace(edited, organizer_id=organizer_id)
    return _without_organizer(edited, fact, now)


def _affiliated(group: Group, fact: chapters.Fact, now: datetime) -> Group:
    """In which network the group is, is part of what it says of itself; what it asks is not."""
    after = replace(group, affiliation=chapters.evolve(group.affiliation, fact, now))
    if isinstance(fact, chapters.NetworkJoined | chapters.NetworkLeft):
        return replace(after, version=group.version + 1, updated_at=now)
    return after


def _without_organizer(
    group: Group, fact: OrganizerLeft | SteppedUp | SteppedBack | Froze | Succeeded | Closed, now: datetime
) -> Group:
    match fact:
        case OrganizerLeft(_, _, freezes_at, closes_at):
            if freezes_at is None or closes_at is None:
                return replace(group, organizer_id=None)
            return replace(group, organizer_id=None, status="grace", vacancy=Vacancy(freezes_at, closes_at))
        case SteppedUp(_, _, number) | SteppedBack(_, _, number):
            known = max(group.candidatures, number)
            return replace(group, vacancy=_moved(group, fact, now), candidatures=known)
        case Froze():
            return replace(group, status="frozen")
        case Succeeded(_, organizer_id):
            return replace(group, status="active", organizer_id=organizer_id, vacancy=None)
        case Closed():
            return replace(group, status="closed", vacancy=None, affiliation=Affiliation())


def _moved(group: Group, fact: SteppedUp | SteppedBack | VoteLost | Voted, now: datetime) -> Vacancy:
    if group.vacancy is None:
        raise ValueError("this group has an organizer")
    return vacancies.evolve(group.vacancy, fact, now)
