"""A series: one rule, one description, many dates; each date is an event of its own, with its own RSVPs."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from events_service.domain.acts import GROUP_CLOSED, NO_NEW_EVENTS, NOT_ALLOWED
from events_service.domain.details import Details, details_of, with_changes
from events_service.domain.group import Group, Membership
from events_service.domain.permission import Action
from events_service.domain.plan import Plan, dated, plan_of, planned, text_of
from events_service.domain.refusal import Refused
from events_service.domain.schedule import instant

Status = Literal["draft", "published", "cancelled"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date. at: the wall time it is planned for; first_at: the instant it was first planned for; live: it has not
    fallen off."""

    event_id: str
    at: str
    first_at: datetime
    live: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    """details: of all its dates, whose times are the plan's; created_by: None once they are forgotten; `version` counts
    edits."""

    id: str
    group_id: str
    plan: Plan
    details: Details
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    occurrences: tuple[Occurrence, ...] = ()
    status: Status = "draft"
    version: int = 1

    def details_at(self, at: str) -> Details:
        """The details of the date planned for a wall time."""
        return dated(self.details, self.plan, datetime.fromisoformat(at))


@dataclass(frozen=True, slots=True)
class SeriesCreated:
    """details: all the fields of a `Details`; plan: of a `Plan`."""

    series_id: str
    group_id: str
    by: str
    plan: dict[str, Any]
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SeriesChanged:
    """What follows it are the dates that change with it. changes: of `Details`; touched: the dates that it
    reaches, and those that have to ask their own start whether it does."""

    series_id: str
    by: str
    plan: dict[str, Any]
    changes: dict[str, Any]
    touched: tuple[str, ...]
    edit: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SeriesPublished:
    series_id: str
    by: str


@dataclass(frozen=True, slots=True)
class SeriesCancelled:
    """late: dates planned for what is over, which ask their own start: moved alone to later they are called off too."""

    series_id: str
    by: str
    edit: dict[str, Any]
    late: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesMemberForgotten:
    """Who made it, or hosts what dates to come begin with, asked to be forgotten."""

    series_id: str
    member_id: str


@dataclass(frozen=True, slots=True)
class Planned:
    event_id: str
    at: str
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    event_id: str
    at: str


@dataclass(frozen=True, slots=True)
class Fell:
    event_id: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A date that fell off is one of the series again."""

    event_id: str
    at: str


_Edit = SeriesChanged | SeriesPublished | SeriesCancelled | SeriesMemberForgotten
Fact = SeriesCreated | _Edit | Planned | Moved | Fell | Returned
IdOf = Callable[[int], str]

UNKNOWN: Final = Refused("unknown-series", "There is no such series.")
CANCELLED: Final = Refused("series-cancelled", "This series was cancelled.")


def create(
    series_id: str,
    by: str,
    plan: Plan,
    details: Details,
    *,
    id_of: IdOf,
    group: Group,
    membership: Membership,
    now: datetime,
) -> list[Fact] | Refused:
    """A series of drafts. id_of: the id of its n-th event, from 1."""
    if not membership.may(Action.CREATE_EVENTS):
        return NOT_ALLOWED
    if group.status in ("frozen", "closed"):
        return NO_NEW_EVENTS
    walls = planned(plan, details)
    if isinstance(walls, Refused):
        return walls
    if instant(walls[0], plan.timezone) <= now:
        return Refused("starts-in-the-past", "A series starts in the future.")
    facts: list[Fact] = [SeriesCreated(series_id, group.id, by, asdict(plan), asdict(details))]
    return facts + [Planned(id_of(n), text_of(at), instant(at, plan.timezone)) for n, at in enumerate(walls, 1)]


def publish(series: Series, by: str, *, group: Group, membership: Membership) -> list[Fact] | Refused:
    """Open all dates to people, also those that come later. Twice changes nothing."""
    if not membership.may(Action.EDIT_EVENTS):
        return NOT_ALLOWED
    if series.status == "cancelled":
        return CANCELLED
    if series.status == "published":
        return []
    return NO_NEW_EVENTS if group.status in ("frozen", "closed") else [SeriesPublished(series.id, by)]


def cancel(series: Series, by: str, *, edit_id: str, membership: Membership, now: datetime) -> list[Fact] | Refused:
    """Call off every date that has not begun, also in a closed group. Twice changes nothing."""
    if not membership.may(Action.EDIT_EVENTS):
        return NOT_ALLOWED
    if series.status == "cancelled":
        return []
    falling = [one for one in series.occurrences if one.live and instant_of(series.plan, one) > now]
    late = tuple(one.event_id for one in series.occurrences if one.live and one not in falling)
    edit = {"id": edit_id, "at": now.isoformat(), "kind": "cancelled", "changed": [], "fell": len(falling)}
    return [SeriesCancelled(series.id, by, edit, late), *(Fell(one.event_id) for one in falling)]


def shut(series: Series, group: Group, membership: Membership) -> Refused | None:
    """Why this person cannot edit the series, if so."""
    if not membership.may(Action.EDIT_EVENTS):
        return NOT_ALLOWED
    if series.status == "cancelled":
        return CANCELLED
    return GROUP_CLOSED if group.status == "closed" else None


def instant_of(plan: Plan, occurrence: Occurrence) -> datetime:
    """When the date is planned to start."""
    return instant(datetime.fromisoformat(occurrence.at), plan.timezone)


def evolve(series: Series | None, fact: Fact, now: datetime) -> Series:  # noqa: PLR0911 - a case for each fact
    """The series after the fact."""
    if isinstance(fact, SeriesCreated):
        plan, details = plan_of(fact.plan), details_of(fact.details)
        return Series(fact.series_id, fact.group_id, plan, details, fact.by, created_at=now, updated_at=now)
    if series is None:
        raise ValueError("a series' first fact is its creation")
    edited = replace(series, version=series.version + 1, updated_at=now)
    match fact:
        case SeriesChanged(plan=plan_values, changes=changes):
            return replace(edited, plan=plan_of(plan_values), details=with_changes(series.details, changes))
        case SeriesPublished():
            return replace(edited, status="published")
        case SeriesCancelled():
            return replace(edited, status="cancelled")
        case SeriesMemberForgotten(member_id=member_id):
            hosts = tuple(one for one in series.details.hosts if one != member_id)
            maker = None if series.created_by == member_id else series.created_by
            return replace(edited, details=replace(series.details, hosts=hosts), created_by=maker)
        case Planned(event_id, at, first_at):
            return replace(series, occurrences=(*series.occurrences, Occurrence(event_id, at, first_at)))
        case Moved(event_id, at) | Returned(event_id, at):
            return _each(series, event_id, at=at, live=True)
        case Fell(event_id):
            return _each(series, event_id, live=False)


def _each(series: Series, event_id: str, **changes: Any) -> Series:
    after = (replace(one, **changes) if one.event_id == event_id else one for one in series.occurrences)
    return replace(series, occurrences=tuple(after))
