"""Rules 9.5 and 9.6 after a lowered capacity: a party larger than the event holds nobody up and keeps its turn."""

from events_service.domain.button import rsvp_state
from events_service.domain.following import follow
from events_service.domain.ledger import evolve
from events_service.domain.reason import reason
from events_service.domain.rsvp import Change, rsvp_after

from .rules import MEMBER, Evening, evening


def capacity(event: Evening, seats: int) -> None:
    """As an edit of the event is decided."""
    event.ledger = event.ledger.of_capacity(seats)
    facts = follow(event.desk("nobody"), event.ledger, event.now)
    for fact in facts:
        if isinstance(fact, Change):
            event.rsvps[fact.member_id] = rsvp_after(event.rsvps[fact.member_id], fact)
    event.ledger = evolve(event.ledger, facts)


def lowered() -> Evening:
    """bo's four wait first in line at an event that has three seats by now, one of them taken by ada."""
    event = evening(4)
    assert [event.yes("ada"), event.yes("bo", 3)] == ["yes", "waitlist"]
    capacity(event, 3)
    return event


def test_a_newcomer_takes_a_free_seat_that_no_waiting_party_could_ever_have() -> None:
    event = lowered()
    assert event.yes("cy") == "yes"
    assert (event.status("bo"), event.rsvps["bo"].skips) == ("waitlist", 0)


def test_the_button_says_so() -> None:
    event = lowered()
    assert rsvp_state(event.terms, event.ledger, event.group, MEMBER, rsvp=None, now=event.now) == "open"


def test_guests_take_such_a_seat_too() -> None:
    event = lowered()
    event.yes("ada", 1)
    assert (event.rsvps["ada"].guests, event.ledger.seats) == (1, 2)


def test_who_waits_behind_such_a_party_follows_without_a_count() -> None:
    event = lowered()
    assert [event.yes("cy", 1), event.yes("dee")] == ["yes", "waitlist"]
    event.no("ada")
    assert (event.status("dee"), event.rsvps["bo"].skips) == ("yes", 0)


def test_a_newcomer_waits_while_somebody_behind_such_a_party_could_have_a_seat() -> None:
    event = lowered()
    assert [event.yes("cy"), event.yes("dee", 1), event.yes("eve")] == ["yes", "waitlist", "waitlist"]
    assert event.ledger.seats == 2


def test_it_comes_to_its_turn_when_there_are_more_seats_again() -> None:
    event = lowered()
    assert [event.yes("cy", 1), event.yes("dee")] == ["yes", "waitlist"]
    capacity(event, 7)
    assert (event.status("bo"), event.status("dee")) == ("yes", "waitlist")


def test_it_is_told_why_others_got_in() -> None:
    event = lowered()
    event.yes("cy")
    found = reason(event.rsvps["bo"], event.rsvps["cy"], [])
    assert (found.why, "too many for the whole event" in found.detail) == ("seat-was-free", True)
