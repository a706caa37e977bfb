"""events.event.v1: what is on; an announcement tells the members, a change or cancellation who has a stake, the end
asks who was there."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from chassis.mongo import Document
from contracts.events import EventState, Place, SeriesEdit
from notifications_service.consumers.cause import cause_of
from notifications_service.domain.feedback import of_ended
from notifications_service.domain.notice import Edit, EventBefore, of_edit, of_event
from notifications_service.store.projection import EVENTS, gone, kept
from notifications_service.store.spread import SPREADS, spread_write


async def on_events(messages: Sequence[Received[EventState]], effects: Effects) -> None:
    found = await effects.find(EVENTS, {"_id": {"$in": sorted({message.subject for message in messages})}})
    known: dict[str, Document] = {document["_id"]: document for document in found}
    for message in messages:
        event = message.body
        if event is None:
            effects.put(EVENTS, gone(message.subject, message.sequence))
            known.pop(message.subject, None)
            continue
        said, before = message.type.split(".")[-2], _before(known.get(event.event_id))
        spread = of_event(
            announced=event.announced_at is not None,
            cancelled=event.status == "cancelled",
            changed=event.changed,
            said=said,
            before=before,
            group=event.group_id,
            event=event.event_id,
            cause=cause_of(message),
        )
        asking = of_ended(
            over=event.status == "past",
            before=before,
            said=said,
            ends=event.ends_at_utc,
            timezone=event.timezone,
            group=event.group_id,
            event=event.event_id,
            cause=cause_of(message),
        )
        if asking is not None:
            effects.write(SPREADS, spread_write(asking))
        if spread is not None and event.edit is not None:
            spread = of_edit(spread, _edit(event.edit))
        if spread is not None:
            effects.write(SPREADS, spread_write(spread))
        state = {
            "group_id": event.group_id,
            "title": event.title,
            "starts_at_utc": event.starts_at_utc,
            "timezone": event.timezone,
            "where": _where(event.place),
            "online": event.place is not None and event.place.kind != "physical",
            "status": event.status,
            "announced": event.announced_at is not None,
        }
        known[event.event_id] = state
        effects.put(EVENTS, kept(event.event_id, message.sequence, state))


def _before(document: Document | None) -> EventBefore | None:
    if document is None or "status" not in document:
        return None
    status = document["status"]
    return EventBefore(document["announced"], cancelled=status == "cancelled", over=status == "past")


def _edit(edit: SeriesEdit) -> Edit:
    return Edit(edit.id, edit.at, edit.kind, tuple(edit.changed), edit.fell, edit.back)


def _where(place: Place | None) -> str:
    """One line; nothing for an online place, where nobody goes: its link is only for people with a seat there."""
    if place is None or place.kind == "online":
        return ""
    return ", ".join(part for part in (place.name, place.address) if part)
