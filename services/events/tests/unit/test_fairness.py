"""Rules 9.5, 9.10, 9.15: skips are counted and capped, and what happened can be told and is fair."""

from dataclasses import replace
from datetime import timedelta
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_service.domain import offer, stewarding
from events_service.domain.details import Times
from events_service.domain.event import Cancelled, Event, evolve
from events_service.domain.fairness import Tally, counted, tallies_of
from events_service.domain.move import Move, Turn
from events_service.domain.place import FIRST_ROOM
from events_service.domain.promotion import Promotion
from events_service.domain.reason import reason
from events_service.domain.rsvp import Promoted, Waitlisted
from events_service.domain.waitlist import Party
from events_service.views.waitlist import waited_until

from .networks import DETAILS
from .rules import NOW, Evening, evening


def in_line(event: Evening) -> list[Turn]:
    line = sorted((r for r in event.rsvps.values() if r.status == "waitlist"), key=lambda rsvp: rsvp.order)
    return [Turn(r.order, r.seats, event.lined[r.member_id], event.asked[r.member_id]) for r in line]


def figures(event: Evening) -> Tally:
    """As each decision added to them: the same as the whole log tells."""
    assert event.tallies[FIRST_ROOM] == tallies_of(event.moves, in_line(event))[FIRST_ROOM]
    return event.tallies[FIRST_ROOM]


def longest_wait(event: Evening) -> timedelta | None:
    asked = next((turn.asked for turn in in_line(event)), None)
    found = figures(event).longest_wait_by(event.now, asked)
    return None if found is None else timedelta(seconds=found)


def why(event: Evening, mine: str, theirs: str) -> str:
    moves = [move for move in event.moves if move.member_id == theirs]
    return reason(event.rsvps[mine], event.rsvps[theirs], moves).why


@pytest.mark.parametrize("changes", ["ada", "bo"])
def test_who_brings_other_guests_later_had_their_place_no_later(changes: str) -> None:
    event = evening(5)
    event.yes("ada")
    event.yes("bo")
    event.yes(changes, 1)
    assert (why(event, "ada", "bo"), why(event, "bo", "ada")) == ("not-before", "asked-first")
    found = reason(event.rsvps["bo"], event.rsvps["ada"], [])
    assert found.seq == 1


def test_who_goes_over_to_the_other_side_has_another_place_there() -> None:
    event = evening(5)
    event.ledger = event.ledger.arranged(1, 5, (2, 5))
    event.terms = replace(event.terms, sides=("physical", "online"), online_guest_limit=2)
    event.yes("ada", place="physical")
    event.yes("bo", place="online")
    event.yes("ada", place="online")
    assert (event.rsvps["ada"].given, why(event, "ada", "bo")) == (3, "asked-first")


def test_who_claims_an_offer_had_the_place_from_when_it_was_held() -> None:
    event = evening(1, promotion=Promotion("offer"))
    event.yes("ada")
    event.yes("bo")
    event.no("ada")
    assert event.yes("bo") == "yes"
    assert (event.rsvps["bo"].seq, event.rsvps["bo"].given) == (5, 4)
    event.no("bo")
    event.yes("bo")
    assert event.rsvps["bo"].given == event.rsvps["bo"].seq


@pytest.mark.parametrize(
    ("status", "hours", "expected"),
    [("published", 1, 1), ("published", 5, 3), ("cancelled", 1, 1), ("cancelled", 5, 2)],
)
def test_nobody_waits_beyond_the_end_of_an_event_or_its_cancelling(status: str, hours: int, expected: int) -> None:
    times = Times(NOW, NOW + timedelta(hours=3), None, NOW)
    event = Event("e", "g", DETAILS, times, "olga", NOW, NOW, status="published")
    if status == "cancelled":
        event = evolve(event, Cancelled("e", "olga"), NOW + timedelta(hours=2))
    until = waited_until(event, NOW + timedelta(hours=hours))
    assert Tally().longest_wait_by(until, NOW) == expected * 3600
    assert Tally().longest_wait_by(until, NOW + timedelta(hours=hours)) == max(0, expected - hours)


def passed_twice() -> Evening:
    """bo's party of three was passed by cy and dee, each alone."""
    event = evening(3, promotion=Promotion(max_skips=2))
    for who in ("a1", "a2", "a3"):
        event.yes(who)
    event.yes("bo", 2)
    for who in ("cy", "dee", "eve"):
        assert event.yes(who) == "waitlist"
    event.no("a1")
    event.no("a2")
    return event


def test_a_party_that_does_not_fit_is_passed_counted_and_after_the_cap_passed_no_more() -> None:
    event = passed_twice()
    assert (event.status("cy"), event.status("dee"), event.rsvps["bo"].skips) == ("yes", "yes", 2)
    event.no("a3")
    assert (event.status("eve"), event.ledger.seats, event.rsvps["bo"].skips) == ("waitlist", 2, 2)
    event.no("cy")
    event.no("dee")
    assert (event.status("bo"), event.status("eve")) == ("yes", "waitlist")


def test_counted_skips_are_no_inversions() -> None:
    found = figures(passed_twice())
    assert (found.inversions, found.skips, found.promoted) == (0, 2, 2)


def test_an_uncounted_skip_is_an_inversion() -> None:
    event = passed_twice()
    moves = [replace(move, passed=()) for move in event.moves]
    assert tallies_of(moves, in_line(event))[FIRST_ROOM].inversions == 2
    moves = [replace(move, capacity=2) for move in moves]
    assert tallies_of(moves, in_line(event))[FIRST_ROOM].inversions == 0


def test_an_uncounted_skip_is_an_inversion_when_it_happens() -> None:
    event = passed_twice()
    line = (Party(1, "ada", 1, 0), Party(2, "bo", 3, 0), Party(3, "cy", 1, 0))
    change = Promoted("cy", 3, "waitlist", "yes", 0, 1, 0, 3, 0, 9, 1, None)
    move = replace(event.moves[-1], seq=9, order=3, passed=(2,), capacity=4)
    assert counted(Tally(), [move], [change], line).inversions == 1
    assert counted(Tally(), [replace(move, passed=(1, 2))], [change], line).inversions == 0
    assert counted(Tally(), [replace(move, passed=(1,), capacity=2)], [change], line).inversions == 0
    joined = Waitlisted("dee", 4, "requested", "waitlist", 0, 1, 0, 0, 0, 8, 1, None)
    assert counted(Tally(), [move], [joined, change], line).inversions == 2


def test_who_left_before_was_passed_by_nobody() -> None:
    event = evening(1)
    for who in ("ada", "bo", "cy"):
        event.yes(who)
    event.no("bo")
    event.no("ada")
    assert event.status("cy") == "yes"
    assert figures(event).inversions == 0
    event.yes("bo")
    assert figures(event).inversions == 0


def test_what_leaders_did_is_counted_apart() -> None:
    event = evening(1)
    for who in ("ada", "bo", "cy"):
        event.yes(who)
    event.take(stewarding.promote(event.desk("cy"), by="olga", override=True, now=NOW))
    event.take(stewarding.add(event.desk("dee"), "dee", 0, by="olga", override=True, now=NOW))
    found = figures(event)
    assert (found.inversions, found.by_hand, found.overrides, found.promoted) == (0, 2, 2, 0)
    assert (why(event, "bo", "cy"), why(event, "bo", "dee")) == ("by-hand", "by-hand")


def test_waits_and_claims_are_measured() -> None:
    event = evening(1, promotion=Promotion("offer", offer_ttl=7200))
    for who in ("ada", "bo", "cy", "dee"):
        event.yes(who)
    event.no("ada")
    event.now += timedelta(hours=2)
    event.worker()
    event.now += timedelta(minutes=30)
    event.take(offer.accept(event.desk("cy"), event.offer("cy"), event.now))
    found = figures(event)
    assert (found.offers, found.claimed, found.expired, found.declined) == (2, 1, 1, 0)
    assert found.median_claim == found.longest_claim == 1800
    assert found.longest_wait == 7200
    assert longest_wait(event) == timedelta(hours=2, minutes=30)
    assert longest_wait(evening()) is None


@given(st.lists(st.floats(1, 14 * 24 * 3600), min_size=1, max_size=60))
def test_half_of_the_claims_took_about_as_long_as_the_median(took: list[float]) -> None:
    tally = Tally()
    for seconds in took:
        tally = counted(tally, [claimed(seconds)], [CLAIM], ())
    assert tally.median_claim == pytest.approx(median_low(took), rel=0.05)
    assert tally.longest_claim == pytest.approx(max(took), abs=0.001)


CLAIM = Promoted("bo", 1, "offered", "yes", 0, 1, 1, 1, 0, 5, 1, None)


def claimed(seconds: float) -> Move:
    at, offered = NOW + timedelta(seconds=seconds), NOW
    return Move(5, at, "bo", "offered", "yes", 1, 1, 1, 2, NOW, 1, offered=offered)


def test_why_they_got_in_before_me() -> None:
    event = passed_twice()
    assert why(event, "bo", "cy") == "fitted"
    assert why(event, "eve", "cy") == "asked-first"
    assert why(event, "eve", "a3") == "asked-first"
    assert why(event, "eve", "bo") == "not-before"
    assert why(event, "a3", "cy") == "not-before"
    event.terms = replace(event.terms, hosts=("hana",))
    event.yes("hana")
    assert why(event, "eve", "hana") == "host"


def test_who_was_too_many_for_the_whole_event_was_passed_by_nobody_also_when_fewer_come_later() -> None:
    event = evening(3)
    for who in ("a1", "a2", "a3"):
        event.yes(who)
    event.yes("bo", 2)
    for who in ("cy", "dee"):
        event.yes(who)
    event.terms = replace(event.terms, promotion=Promotion("manual"))
    event.no("a1")
    event.terms = replace(event.terms, promotion=Promotion())
    event.ledger = event.ledger.of_capacity(2)
    event.no("a2")
    assert (event.status("bo"), event.status("cy"), event.rsvps["bo"].skips) == ("waitlist", "yes", 0)
    event.yes("bo", 1)
    assert (event.status("bo"), event.rsvps["bo"].seats) == ("waitlist", 2)
    assert figures(event).inversions == 0
