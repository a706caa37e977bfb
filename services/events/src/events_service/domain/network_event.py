"""A network event: one template with a local wall time, of which each chapter of a network has a copy in its own zone.

A copy is an event like any other. Which chapters have one is decided in domain/chapter.py, and what a copy makes of the
network event by itself (domain/copied.py).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from events_service.domain.acts import PAST
from events_service.domain.details import AttendeeList, Details, asked_otherwise, details_of, news, times, with_changes
from events_service.domain.network import Network
from events_service.domain.refusal import Refused
from events_service.domain.schedule import duration, instant

Status = Literal["draft", "published", "cancelled"]

LAST_ZONE: Final = "Etc/GMT+12"
"""Where every wall time comes last."""


@dataclass(frozen=True, slots=True)
class NetworkEvent:
    """details: of all copies; their zone and, while `listed` is None, their attendee list are each chapter's own.

    created_by: None once they are forgotten; going_round: not every chapter has been looked at since the last decision;
    `version` counts decisions that concern all copies.
    """

    id: str
    network_id: str
    details: Details
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    listed: AttendeeList | None = None
    status: Status = "draft"
    going_round: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class NetworkEventCreated:
    """details: all the fields of a `Details`."""

    network_event_id: str
    network_id: str
    by: str
    details: dict[str, Any]
    listed: AttendeeList | None
    publish: bool


@dataclass(frozen=True, slots=True)
class NetworkEventChanged:
    """changes: the new values of fields of `Details`."""

    network_event_id: str
    by: str
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NetworkEventPublished:
    network_event_id: str
    by: str


@dataclass(frozen=True, slots=True)
class NetworkEventCancelled:
    network_event_id: str
    by: str


@dataclass(frozen=True, slots=True)
class NetworkEventExtended:
    """Chapters that it has passed by so far are to be considered. It concerns no copy that is there."""

    network_event_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Reached:
    """These chapters' copies are to look at what the network event is by now. after: the last chapter looked at, where
    there may be others beyond it."""

    network_event_id: str
    group_ids: tuple[str, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class MakerForgotten:
    """Who made it asked to be forgotten. It concerns no copy: each has a maker of its own."""

    network_event_id: str


_Decision = NetworkEventCreated | NetworkEventChanged | NetworkEventPublished | NetworkEventCancelled
Fact = _Decision | NetworkEventExtended | Reached | MakerForgotten

UNKNOWN_NETWORK: Final = Refused("unknown-network", "There is no such network.")
UNKNOWN: Final = Refused("unknown-network-event", "There is no such network event.")
ADMINS_ONLY: Final = Refused("not-an-admin", "Only the network's admins may do this.")
CANCELLED: Final = Refused("network-event-cancelled", "This network event was cancelled.")
IN_THE_PAST: Final = Refused("starts-in-the-past", "A network event starts in the future, at least somewhere.")
BAD_WINDOW: Final = Refused(
    "bad-rsvp-window", "RSVPs for the copies of a network event open and close at a duration before the start."
)


def create(
    network_event_id: str,
    by: str,
    details: Details,
    *,
    network: Network,
    listed: AttendeeList | None,
    publish: bool,
    now: datetime,
) -> list[Fact] | Refused:
    """A network event whose copies are drafts, or open to people at once; the network's admins only."""
    if by not in network.admins:
        return ADMINS_ONLY
    refused = _unheld(details, now)
    created = NetworkEventCreated(network_event_id, network.id, by, asdict(details), listed, publish)
    return refused or [created]


def change(
    found: NetworkEvent, by: str, *, network: Network, version: int, changes: Mapping[str, Any], now: datetime
) -> list[Fact] | Refused:
    """Edit the network event as it was at `version`. Values that are already so change nothing.

    changes: fields of `Details`, the place as plain values, and of its promotion what changes.
    """
    refused = _unfit(found, by, network, now)
    if refused is not None:
        return refused
    if version != found.version:
        return Refused("stale-version", f"The network event is at version {found.version} by now.")
    new = {name: value for name, value in news(found.details, changes).items() if name != "attendee_list"}
    if changes.get("attendee_list", found.listed) != found.listed:
        new["attendee_list"] = changes["attendee_list"]
    if not new:
        return []
    moved = asked_otherwise(found.details, new, found.status)
    return moved or _unheld(with_changes(found.details, new), now) or [NetworkEventChanged(found.id, by, new)]


def publish(found: NetworkEvent, by: str, *, network: Network, now: datetime) -> list[Fact] | Refused:
    """Open every copy to people. Twice changes nothing."""
    refused = _unfit(found, by, network, now)
    if refused is not None:
        return refused
    return [] if found.status == "published" else [NetworkEventPublished(found.id, by)]


def extend(found: NetworkEvent, by: str, *, network: Network, now: datetime) -> list[Fact] | Refused:
    """Bring in whoever is a chapter by now and has no copy, but for who has opted out or left."""
    return _unfit(found, by, network, now) or [NetworkEventExtended(found.id, by)]


def cancel(found: NetworkEvent, by: str, *, network: Network, now: datetime) -> list[Fact] | Refused:
    """Call off every copy that has not begun, and throw drafts away. Twice changes nothing."""
    refused = _unfit(found, by, network, now)
    if refused is CANCELLED:
        return []
    return refused or [NetworkEventCancelled(found.id, by)]


def _unfit(found: NetworkEvent, by: str, network: Network, now: datetime) -> Refused | None:
    """Why this person cannot change it now, if so."""
    if by not in network.admins:
        return ADMINS_ONLY
    if found.status == "cancelled":
        return CANCELLED
    return None if _to_come(found.details, now) else PAST


def _unheld(details: Details, now: datetime) -> Refused | None:
    """What keeps it from being held anywhere, if anything does."""
    windows = (details.rsvp_opens_at, details.rsvp_closes_at)
    if any(window is not None and duration(window) is None for window in windows):
        return BAD_WINDOW
    fits = times(replace(details, timezone=LAST_ZONE))
    if isinstance(fits, Refused):
        return fits
    return None if _to_come(details, now) else IN_THE_PAST


def _to_come(details: Details, now: datetime) -> bool:
    """Whether it has not begun everywhere."""
    return instant(datetime.fromisoformat(details.starts_at), LAST_ZONE) > now


def evolve(found: NetworkEvent | None, fact: Fact, now: datetime) -> NetworkEvent:  # noqa: PLR0911 - a case for each fact
    """The network event after the fact."""
    if isinstance(fact, NetworkEventCreated):
        details = details_of(fact.details)
        made = NetworkEvent(fact.network_event_id, fact.network_id, details, fact.by, now, now, fact.listed)
        return replace(made, status="published" if fact.publish else "draft")
    if found is None:
        raise ValueError("a network event's first fact is its creation")
    edited = replace(found, version=found.version + 1, updated_at=now, going_round=True)
    match fact:
        case NetworkEventChanged(changes=changes):
            listed = changes.get("attendee_list", found.listed)
            return replace(edited, details=with_changes(found.details, changes), listed=listed)
        case NetworkEventPublished():
            return replace(edited, status="published")
        case NetworkEventCancelled():
            return replace(edited, status="cancelled")
        case NetworkEventExtended():
            return replace(found, going_round=True, updated_at=now)
        case Reached(after=after):
            return replace(found, going_round=after is not None)
        case MakerForgotten():
            return replace(found, created_by=None, updated_at=now)
    return found
