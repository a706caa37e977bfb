"""The state of an event, as others hear of it each time that it changed."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from chassis.journal.command import Command
from chassis.journal.decision import Outgoing
from contracts.events import EventState, NetworkEventMade, OnlineSide, Place, SeriesEdit
from events_service.domain import event as events
from events_service.domain.event import Event
from events_service.domain.origin import Detached
from events_service.domain.window import RsvpsClosed, RsvpsOpened
from events_service.handlers.copied import CONFORM
from events_service.handlers.network_event import THROWN_AWAY
from events_service.handlers.series import LEAVE_OUT
from events_service.messages.outgoing import outgoing

_EVENT: Final = "convene.events.event"
_TYPES: Final[dict[type[Any], str]] = {
    events.Published: f"{_EVENT}.published.v1",
    events.Announced: f"{_EVENT}.announced.v1",
    events.Changed: f"{_EVENT}.changed.v1",
    events.Restored: f"{_EVENT}.changed.v1",
    events.Rezoned: f"{_EVENT}.changed.v1",
    Detached: f"{_EVENT}.changed.v1",
    events.MemberForgotten: f"{_EVENT}.changed.v1",
    RsvpsOpened: f"{_EVENT}.changed.v1",
    RsvpsClosed: f"{_EVENT}.changed.v1",
    events.Cancelled: f"{_EVENT}.cancelled.v1",
    events.Ended: f"{_EVENT}.ended.v1",
}
TOLD: Final = tuple(_TYPES)
"""The facts that others hear of once the event is no draft."""


def event_told(event: Event, fact: Any) -> Outgoing:
    """fact: one of `TOLD`; event: after the decision."""
    value = event_state(event, getattr(fact, "told", ()), getattr(fact, "edit", None)).model_dump_json()
    return outgoing(EventState.topic, _TYPES[type(fact)], event.id, event.id, value)


def event_state(event: Event, told: tuple[str, ...] = (), edit: dict[str, Any] | None = None) -> EventState:
    """The public state of an event that is not a draft.

    told: the fields of this change that people hear about; edit: of its series, where the change is a part of one.
    """
    details = event.details
    place, part, origin = details.place, event.series, event.origin
    shown = None
    if place is not None:
        online = OnlineSide(capacity=place.capacity, guest_limit=place.guest_limit) if place.sided else None
        shown = Place(
            kind=place.kind, name=place.name, address=place.address, lat=place.lat, lon=place.lon, online=online
        )
    return EventState(
        event_id=event.id,
        group_id=event.group_id,
        title=details.title,
        description=details.description,
        starts_at=details.starts_at,
        ends_at=details.ends_at,
        timezone=details.timezone,
        starts_at_utc=event.times.starts,
        ends_at_utc=event.times.ends,
        place=shown,
        capacity=details.capacity,
        guest_limit=details.guest_limit,
        topics=list(details.topics),
        photos=list(details.photos),
        hosts=list(details.hosts),
        attendee_list=details.attendee_list,
        status=_status(event),
        announced_at=event.announced_at,
        created_by=event.created_by or "",
        series_id=None if part is None else part.series_id,
        recurrence_id=None if part is None else part.first_at,
        network_id=None if origin is None else origin.network_id,
        network_event_id=None if origin is None else origin.network_event_id,
        changed=list(told),
        edit=None if edit is None else SeriesEdit(**edit),
        version=event.version,
    )


def _status(event: Event) -> Any:
    """cancelled, past or published."""
    if event.status == "cancelled":
        return "cancelled"
    return "published" if event.ended_at is None else "past"


def copies_made(event: Event, facts: Sequence[Any]) -> Iterator[Outgoing]:
    """That a chapter has its copy of a network event, also where it is a draft, which is on no other topic."""
    for fact in facts:
        if isinstance(fact, events.Created) and event.origin is not None:
            made = NetworkEventMade(
                event_id=event.id,
                group_id=event.group_id,
                network_id=event.origin.network_id,
                network_event_id=event.origin.network_event_id,
                title=event.details.title,
                starts_at_utc=event.times.starts,
                timezone=event.details.timezone,
                status="draft" if event.status == "draft" else "published",
            )
            value = made.model_dump_json()
            yield outgoing(NetworkEventMade.topic, NetworkEventMade.types[0], event.id, event.id, value)


def leaving(command: Command, event: Event, facts: Sequence[Any]) -> Iterator[Command]:
    """What has to be learnt where an event came from: its series, that it is no date any more, because the wish did not
    come from there, or came without knowing whether the date had begun; its network event, that a chapter threw its
    draft away."""
    late, of_series = command.body.get("late", False), "edit" in command.body
    for fact in facts:
        deleted = isinstance(fact, events.Deleted)
        gone = (deleted and not of_series) or (isinstance(fact, events.Deleted | events.Cancelled) and late)
        if gone and event.series is not None:
            yield command.child(LEAVE_OUT, event.series.series_id, {"event_id": event.id})
        if deleted and event.origin is not None and command.name != CONFORM:
            yield command.child(THROWN_AWAY, event.origin.network_event_id, {"group_id": event.group_id})
