"""events.rsvp.v1: the busiest topic. Who has a stake in which event, and the confirmation each member gets."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.events import RsvpChanged
from notifications_service.consumers.cause import cause_of
from notifications_service.domain.notice import Notice, of_offer, of_rsvp
from notifications_service.store.projection import RSVPS, rsvp_fields
from notifications_service.store.spread import SPREADS, spread_write

EXPIRED = "convene.events.rsvp.expired.v1"


async def on_rsvps(messages: Sequence[Received[RsvpChanged]], effects: Effects) -> list[Notice]:
    notices: list[Notice] = []
    for message in messages:
        rsvp = message.body
        if rsvp is None:
            continue
        fields = rsvp_fields(
            event_id=rsvp.event_id,
            member_id=rsvp.member_id,
            status=rsvp.status,
            was=rsvp.was,
            at=message.time,
            sequence=message.sequence,
        )
        effects.set(RSVPS, rsvp.rsvp_id, fields)
        notice = of_rsvp(
            status=rsvp.status,
            was=rsvp.was,
            expired=message.type == EXPIRED,
            guests=rsvp.guests,
            position=rsvp.position,
            until=rsvp.offer_expires_at,
            place=rsvp.place,
            member=rsvp.member_id,
            group=rsvp.group_id,
            event=rsvp.event_id,
            cause=cause_of(message),
        )
        if notice is not None:
            notices.append(notice)
        recall = of_offer(
            until=rsvp.offer_expires_at,
            guests=rsvp.guests,
            place=rsvp.place,
            group=rsvp.group_id,
            event=rsvp.event_id,
            cause=cause_of(message),
        )
        if recall is not None:
            effects.write(SPREADS, spread_write(recall))
    return notices
