"""Commands by which leaders decide about other people's RSVPs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.port import Ask, Journal
from events_service.domain import stewarding
from events_service.domain.acts import NOT_ALLOWED
from events_service.domain.admission import UNKNOWN
from events_service.domain.desk import Desk, Seated
from events_service.domain.place import Side
from events_service.domain.refusal import Refused
from events_service.handlers.rsvp import Booking, booked

ADD: Final = "rsvp.add"
DROP: Final = "rsvp.drop"
PROMOTE: Final = "rsvp.promote"


async def add(
    journal: Journal, ask: Ask, event_id: str, member_id: str, *, guests: int, override: bool, place: Side | None = None
) -> Result:
    """Say yes for somebody. override: a place at once, whoever waits and whether or not they fit; place: the side."""
    body: dict[str, Any] = {"member_id": member_id, "guests": guests, "override": override}
    if place is not None:
        body["place"] = place
    return await journal.run(ask(name=ADD, aggregate=event_id, body=body))


async def drop(journal: Journal, ask: Ask, event_id: str, member_id: str) -> Result:
    """Take somebody out."""
    return await journal.run(ask(name=DROP, aggregate=event_id, body={"member_id": member_id}))


async def promote(journal: Journal, ask: Ask, event_id: str, member_id: str, *, override: bool) -> Result:
    """A place for somebody who waits. override: also when they do not fit."""
    body = {"member_id": member_id, "override": override}
    return await journal.run(ask(name=PROMOTE, aggregate=event_id, body=body))


def decide_add(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    body, by, member_id = command.body, command.actor or "", booking.member_id
    override, place = body["override"], body.get("place")
    return _decided(
        booking,
        now,
        lambda desk: stewarding.add(desk, member_id, body["guests"], by=by, override=override, now=now, place=place),
    )


def decide_drop(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    return _decided(booking, now, lambda desk: stewarding.drop(desk, by=command.actor or "", now=now))


def decide_promote(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    by, override = command.actor or "", command.body["override"]
    return _decided(booking, now, lambda desk: stewarding.promote(desk, by=by, override=override, now=now))


def _decided(booking: Booking, now: datetime, decide: Callable[[Desk], Seated | Refused]) -> Outcome[Booking]:
    desk = booking.desk
    if desk is None:
        return refused(booking, UNKNOWN)
    if not booking.steward:
        return refused(booking, UNKNOWN if desk.terms.status == "draft" else NOT_ALLOWED)
    return booked(booking, desk, decide(desk), now)
