"""Rules 9.2, 9.5 and 9.6 after a lowered capacity or guest limit: who has or waits for more keeps it, and holds nobody
up."""

from dataclasses import replace

from events_service.domain.admission import respond
from events_service.domain.button import rsvp_state
from events_service.domain.following import follow
from events_service.domain.ledger import evolve
from events_service.domain.promotion import Promotion
from events_service.domain.reason import reason
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Change, rsvp_after

from .rules import MEMBER, Evening, evening
from .rules import reason as refusal


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


def guest_limit(event: Evening, most: int) -> Evening:
    event.terms = replace(event.terms, guest_limit=most)
    return event


def test_the_same_yes_again_and_one_with_fewer_guests_stand_after_a_lower_limit() -> None:
    event = evening(9)
    event.yes("ada", 3)
    guest_limit(event, 1)
    assert not refused(event, "ada", 3)
    event.yes("ada", 3, answers=("Rye",))
    assert (event.rsvps["ada"].guests, event.rsvps["ada"].answers) == (3, ("Rye",))
    event.yes("ada", 2)
    assert event.rsvps["ada"].guests == 2
    assert refused(event, "ada", 3) == refused(event, "bo", 2) == "too-many-guests"


def test_an_offer_is_claimed_by_saying_yes_again_after_a_lower_limit() -> None:
    event = evening(4, promotion=Promotion("offer"))
    assert [event.yes("ada", 1), event.yes("bo", 3)] == ["yes", "waitlist"]
    event.no("ada")
    guest_limit(event, 1)
    assert (event.status("bo"), event.yes("bo", 3)) == ("offered", "yes")


def test_who_waits_with_more_than_there_are_by_now_may_say_so_again_and_come_down() -> None:
    event = lowered()
    capacity(event, 2)
    assert not refused(event, "bo", 3)
    assert (event.yes("bo", 2), event.rsvps["bo"].seats) == ("waitlist", 3)
    assert refused(event, "bo", 3) == "party-too-large"


def test_a_party_as_large_as_before_asks_anew_once_it_has_gone() -> None:
    event = evening(9)
    event.yes("ada", 3)
    event.no("ada")
    assert refused(guest_limit(event, 1), "ada", 3) == "too-many-guests"


def refused(event: Evening, who: str, guests: int) -> str:
    """The reason, or nothing."""
    decided = respond(event.desk(who), who, "yes", guests, event.now)
    return refusal(decided) if isinstance(decided, Refused) else ""
