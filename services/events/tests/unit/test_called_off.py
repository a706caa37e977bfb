"""A date that is called off and comes back: who went meanwhile is not in it, and who was let in is."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chassis.journal import Command
from events_service.domain.admission import approve, erase, release, respond
from events_service.domain.details import Details, times
from events_service.domain.event import Event, Part, Restored
from events_service.domain.group import OUTSIDER, Membership
from events_service.domain.occurrence import Order
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Promoted
from events_service.handlers.event import Agenda
from events_service.handlers.occurrence import OCCUR, decide_occur, order_body
from events_service.handlers.sight import REVIEW
from events_service.messages import Messages
from events_service.messages.public import PublicStream

from .rules import GROUP, MEMBER, NOW, Evening, evening

BANNED = Membership("banned", "member", 2)
PART = Part("s", datetime(2026, 5, 11, 12, tzinfo=UTC))
EDIT = {"id": "x", "at": NOW.isoformat(), "kind": "changed", "changed": [], "fell": 0}
DETAILS = Details("Tea", "2026-05-11T12:00:00", "2026-05-11T14:00:00", "UTC", "everyone", capacity=1)
TELL = Messages(PublicStream("https://convene.test"))


def off() -> Evening:
    """Ada has a seat, bo and cy wait for it; then the event is called off."""
    found = evening(1)
    assert [found.yes(who) for who in ("ada", "bo", "cy")] == ["yes", "waitlist", "waitlist"]
    found.terms = replace(found.terms, status="cancelled")
    return found


def test_who_is_out_of_the_group_gives_up_their_seat_and_nobody_follows() -> None:
    event = off()
    event.take(release(event.desk("ada", BANNED), 2, NOW))
    event.take(release(event.desk("bo", BANNED), 2, NOW))
    assert [event.status(who) for who in ("ada", "bo", "cy")] == ["no", "no", "waitlist"]
    assert (event.ledger.seats, event.ledger.waiting) == (0, 1)


def test_who_is_forgotten_gives_up_their_seat_and_nobody_follows() -> None:
    event = off()
    event.take(erase(event.desk("ada", OUTSIDER), NOW))
    assert [event.status(who) for who in ("ada", "bo")] == ["no", "waitlist"]


def test_what_has_begun_keeps_who_was_in_it() -> None:
    event = off()
    event.take(release(event.desk("ada", BANNED), 2, event.terms.starts))
    event.take(erase(event.desk("bo", OUTSIDER), event.terms.starts))
    assert [event.status(who) for who in ("ada", "bo")] == ["yes", "waitlist"]


def test_who_is_let_into_the_group_no_longer_waits_for_it() -> None:
    for capacity, then in ((2, "yes"), (1, "waitlist")):
        event = evening(capacity)
        event.group = replace(GROUP, join_mode="approval")
        event.yes("ada")
        event.take(respond(event.desk("bo", OUTSIDER), "bo", "yes", 0, NOW))
        assert event.status("bo") == "requested"
        event.terms = replace(event.terms, status="cancelled")
        event.take(approve(event.desk("bo"), 2, NOW))
        assert event.status("bo") == then


def agenda(evening: Evening) -> Agenda:
    found = times(DETAILS)
    assert not isinstance(found, Refused)
    event = Event("e", "g", DETAILS, found, "olga", NOW, NOW, status="cancelled", series=PART, off=True)
    return Agenda(event, evening.ledger, GROUP, MEMBER, evening.rsvps.get, lambda _: None)


def restored(evening: Evening) -> tuple[Command, Any]:
    command = Command("c", OCCUR, "e", order_body(Order("g", PART, DETAILS, edit=EDIT)), actor="olga")
    return command, decide_occur(agenda(evening), command, NOW)


def test_when_the_date_comes_back_who_waits_follows_to_the_seats_that_are_free() -> None:
    event = off()
    event.take(release(event.desk("ada", BANNED), 2, NOW))
    _, decided = restored(event)
    assert isinstance(decided.facts[0], Restored)
    assert [fact.member_id for fact in decided.facts if isinstance(fact, Promoted)] == ["bo"]
    assert (decided.state.ledger.seats, decided.state.ledger.waiting) == (1, 1)


def test_when_the_date_comes_back_the_public_hears_who_is_in_it_by_now() -> None:
    event = off()
    event.take(release(event.desk("ada", BANNED), 2, NOW))
    command, decided = restored(event)
    told = TELL.tell_event(command, decided, NOW)
    assert [child.name for child in told.children if child.name == REVIEW] == [REVIEW]


def test_a_date_that_comes_back_full_moves_nobody() -> None:
    _, decided = restored(off())
    assert decided.facts == (Restored("e", "olga", {}, ("status",), EDIT),)
