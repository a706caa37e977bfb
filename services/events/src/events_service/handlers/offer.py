"""Commands about offers, and how they are decided."""

from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.port import Ask, Journal
from chassis.times import when
from events_service.domain import offer
from events_service.handlers.rsvp import Booking, booked

ACCEPT: Final = "offer.accept"
DECLINE: Final = "offer.decline"
LAPSE: Final = "offer.lapse"


async def accept(journal: Journal, ask: Ask, event_id: str, seq: int) -> Result:
    """Claim the seats that are held for the caller. seq: of the offer."""
    return await journal.run(ask(name=ACCEPT, aggregate=event_id, body={"offer": seq}))


async def decline(journal: Journal, ask: Ask, event_id: str, seq: int) -> Result:
    """Leave them to the next in line. seq: of the offer."""
    return await journal.run(ask(name=DECLINE, aggregate=event_id, body={"offer": seq}))


def lapse(event_id: str, seq: int, lapses: datetime, at: datetime) -> Command:
    """Offers of the event that have expired shall do so, and the next in line follow.

    The same command however often it is asked for: once it is decided, the event has had another decision, or its
    next offer expires later. seq: of the last decision; lapses: when an offer was to expire; at: the database's time
    by which that was seen to be over.
    """
    id_ = derived_id("lapse", event_id, str(seq), when(lapses) or "")
    return Command(id_, LAPSE, event_id, {"at": at.isoformat()}, first=True)


def decide_accept(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    desk = booking.desk
    if desk is None:
        return refused(booking, offer.UNKNOWN_OFFER)
    return booked(booking, desk, offer.accept(desk, command.body["offer"], now), now)


def decide_decline(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    desk = booking.desk
    if desk is None:
        return refused(booking, offer.UNKNOWN_OFFER)
    return booked(booking, desk, offer.decline(desk, command.body["offer"], now), now)


def decide_lapse(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    """A clock that went back meanwhile does not undo that offers were over."""
    desk, at = booking.desk, max(now, datetime.fromisoformat(command.body["at"]))
    if desk is None:
        return Outcome(booking)
    return booked(booking, desk, offer.lapse(desk, booking.held, at), at)
