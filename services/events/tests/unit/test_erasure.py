"""A forgotten member's RSVPs: those to come give up what they hold, and nothing stays on the public stream."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chassis.journal import Command
from contracts.public import PublicRsvp
from events_service.domain.desk import Desk
from events_service.domain.group import OUTSIDER
from events_service.domain.ledger import Ledger
from events_service.domain.rsvp import Erased, Promoted, Released, Rsvp, Shown, Terms
from events_service.domain.waitlist import Party
from events_service.handlers.rsvp import ERASE, Booking, decide_erase

from .test_messages import ADA, GROUP, NOW, TELL, TERMS

PAST = replace(TERMS, starts=NOW - timedelta(days=1), ends=NOW - timedelta(hours=20), closes=NOW - timedelta(days=1))
COMMAND = Command("c", ERASE, "e", {"member_id": "ada"})


def yes(shown: Any = "yes") -> Rsvp:
    return Rsvp("ada", 5, 1, "yes", 1, 2, 0, 1, 1, shown, 1)


def booking(terms: Terms, rsvp: Rsvp | None, **line: Rsvp) -> Booking:
    head = tuple(Party(one.order, one.member_id, one.seats, 0) for one in line.values())
    ledger = Ledger(capacity=2, seats=2, waiting=len(head), order=9, seq=9, head=head)
    desk = Desk(terms, ledger, GROUP, OUTSIDER, rsvp, None, line.get)
    return Booking(desk, ledger, "ada", lambda member_id: replace(ADA, name=member_id))


def test_a_seat_in_what_is_to_come_is_free_again_and_who_waits_follows() -> None:
    bo = Rsvp("bo", 6, 2, "waitlist", 0, 1, 0, 2, 1)
    outcome = decide_erase(booking(TERMS, yes(), bo=bo), COMMAND, NOW)
    released, promoted, shown, hidden = outcome.facts
    assert (type(released), released.status, released.member_id) == (Released, "no", "ada")
    assert (type(promoted), promoted.member_id) == (Promoted, "bo")
    assert (type(shown), shown.member_id) == (Shown, "bo")
    assert hidden == Erased("ada", 5, shown=True)
    told = TELL.tell_booking(COMMAND, outcome, NOW).messages
    public = [message for message in told if message.topic == PublicRsvp.topic]
    assert [(one.key, one.value is None) for one in public] == [("6", False), ("5", True)]
    assert public[-1].type == "convene.events.public-rsvp.hidden.v1"


def test_what_is_past_keeps_its_counts_and_leaves_the_public_stream() -> None:
    outcome = decide_erase(booking(PAST, yes()), COMMAND, NOW)
    assert outcome.facts == (Erased("ada", 5, shown=True),)
    assert outcome.state.ledger == booking(PAST, yes()).ledger


def test_what_was_never_public_is_not_taken_back() -> None:
    assert decide_erase(booking(PAST, None), COMMAND, NOW).facts == ()
    outcome = decide_erase(booking(PAST, yes(None)), COMMAND, NOW)
    assert outcome.facts == (Erased("ada", 5, shown=False),)
    assert TELL.tell_booking(COMMAND, outcome, NOW).messages == []


def test_of_a_cancelled_event_nobody_follows_and_the_row_is_done_with() -> None:
    cancelled = replace(TERMS, status="cancelled")
    bo = Rsvp("bo", 6, 2, "waitlist", 0, 1, 0, 2, 1)
    outcome = decide_erase(booking(cancelled, yes(), bo=bo), COMMAND, NOW)
    released, hidden = outcome.facts
    assert (type(released), released.status, released.member_id) == (Released, "no", "ada")
    assert hidden == Erased("ada", 5, shown=True)
    told = TELL.tell_booking(COMMAND, outcome, NOW).messages
    assert [one.value for one in told if one.topic == PublicRsvp.topic] == [None]


def test_a_public_no_is_taken_back_too() -> None:
    no = replace(yes("no"), status="no", guests=0, seats=0)
    assert decide_erase(booking(TERMS, no), COMMAND, NOW).facts == (Erased("ada", 5, shown=True),)
