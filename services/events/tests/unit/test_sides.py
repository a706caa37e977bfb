"""Hybrid events: each side has seats, a guest limit and a line of its own (behaviour 8, 9)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from events_service.domain import stewarding
from events_service.domain.admission import approve, respond
from events_service.domain.button import rsvp_state
from events_service.domain.desk import Seated
from events_service.domain.fairness import together
from events_service.domain.group import OUTSIDER, Membership
from events_service.domain.promotion import Promotion
from events_service.domain.reason import reason as why
from events_service.domain.rsvp import Change, Confirmed, Declined, Promoted

from .rules import GROUP, MEMBER, NOW, Evening, evening, reason
from .sides import ONLINE, PHYSICAL, hybrid, seats


def refused(event: Evening, member: str, **answer: Any) -> str:
    return reason(respond(event.desk(member), member, "yes", answer.pop("guests", 0), event.now, **answer))


def test_each_side_has_its_own_seats_and_line() -> None:
    event = hybrid()
    assert [event.yes(who, place="physical") for who in ("ada", "bo")] == ["yes", "waitlist"]
    assert [event.yes(who, place="online") for who in ("cy", "di", "eve")] == ["yes", "waitlist", "waitlist"]
    assert seats(event) == [(1, 1), (1, 2)]
    event.no("cy")
    assert (event.status("di"), event.status("bo")) == ("yes", "waitlist")
    assert seats(event) == [(1, 1), (1, 1)]
    assert event.ledger.seq == 7


def test_who_does_not_say_where_comes_to_the_physical_side_and_stays_where_they_are() -> None:
    event = hybrid(physical=2, online=2)
    event.yes("ada")
    assert event.rsvps["ada"].room == PHYSICAL
    event.yes("bo", place="online")
    event.yes("bo", guests=1)
    assert (event.rsvps["bo"].room, event.rsvps["bo"].guests) == (ONLINE, 1)
    event.no("bo")
    event.yes("bo")
    assert event.rsvps["bo"].room == PHYSICAL


def test_guests_are_limited_by_the_side() -> None:
    event = hybrid(physical=None, online=None)
    assert event.yes("ada", guests=3) == "yes"
    assert refused(event, "bo", guests=2, place="online") == "too-many-guests"
    assert refused(event, "ada", guests=3, place="online") == "too-many-guests"
    assert event.rsvps["ada"].room == PHYSICAL


def test_a_party_larger_than_the_side_is_refused() -> None:
    event = hybrid(physical=1, online=5)
    assert refused(event, "ada", guests=1) == "party-too-large"
    assert event.yes("ada", guests=1, place="online") == "yes"


def test_a_place_is_not_given_up_for_a_side_that_is_full() -> None:
    event = hybrid()
    event.yes("ada")
    event.yes("bo", place="online")
    assert refused(event, "ada", place="online") == "side-is-full"
    assert seats(event) == [(1, 0), (1, 0)]


def test_who_goes_over_frees_a_seat_for_who_waits_there() -> None:
    event = hybrid()
    event.yes("ada")
    event.yes("bo")
    decided = respond(event.desk("ada"), "ada", "yes", 0, event.now, place="online")
    assert isinstance(decided, Seated)
    assert [type(fact) for fact in decided.facts] == [Confirmed, Promoted]
    event.take(decided)
    assert (event.status("ada"), event.rsvps["ada"].room) == ("yes", ONLINE)
    assert (event.status("bo"), event.rsvps["bo"].room) == ("yes", PHYSICAL)
    assert seats(event) == [(1, 0), (1, 0)]


def test_who_waits_goes_to_the_end_of_the_other_line() -> None:
    event = hybrid()
    for who in ("ada", "bo", "cy"):
        event.yes(who)
    for who in ("di", "eve"):
        event.yes(who, place="online")
    decided = respond(event.desk("bo"), "bo", "yes", 0, event.now, place="online")
    assert isinstance(decided, Seated)
    [change] = [fact for fact in decided.facts if isinstance(fact, Change)]
    assert (change.status, change.position, change.order) == ("waitlist", 2, 6)
    event.take(decided)
    assert seats(event) == [(1, 1), (1, 2)]
    event.no("di")
    assert (event.status("eve"), event.status("bo")) == ("yes", "waitlist")
    event.no("ada")
    assert (event.status("cy"), event.status("bo")) == ("yes", "waitlist")


def test_who_waits_has_a_free_seat_of_the_other_side_at_once() -> None:
    event = hybrid()
    event.yes("ada")
    event.yes("bo")
    assert event.yes("bo", place="online") == "yes"
    assert seats(event) == [(1, 0), (1, 0)]


def test_an_offer_is_held_until_a_seat_of_the_other_side_is_had() -> None:
    event = hybrid(promotion=Promotion("offer"))
    for who in ("ada", "bo", "cy"):
        event.yes(who)
    event.yes("di", place="online")
    event.no("ada")
    assert event.status("bo") == "offered"
    assert refused(event, "bo", place="online") == "side-is-full"
    event.no("di")
    assert event.yes("bo", place="online") == "yes"
    assert (event.rsvps["bo"].room, event.rsvps["bo"].offer, event.status("cy")) == (ONLINE, None, "offered")
    assert (event.ledger.facing(PHYSICAL).held, event.ledger.offers) == (1, 1)


def test_after_rsvps_closed_an_offer_is_claimed_where_it_was_made() -> None:
    event = hybrid(online=None, promotion=Promotion("offer"), closes=NOW + timedelta(hours=2))
    event.yes("ada")
    event.yes("bo")
    event.no("ada")
    event.now += timedelta(hours=3)
    assert refused(event, "bo", place="online") == "rsvps-closed"
    assert event.yes("bo", place="physical") == "yes"


def test_offers_of_both_sides_expire_to_their_own_lines() -> None:
    event = hybrid(promotion=Promotion("offer"))
    for place in ("physical", "online"):
        for who in ("ada", "bo", "cy"):
            event.yes(f"{who} {place}", place=place)
        event.no(f"ada {place}")
    event.now += timedelta(hours=13)
    event.worker()
    assert [event.status(f"bo {place}") for place in ("physical", "online")] == ["no", "no"]
    assert [event.status(f"cy {place}") for place in ("physical", "online")] == ["offered", "offered"]
    assert [side.held for side in event.ledger.each()] == [1, 1]


def test_offers_that_expire_at_one_side_move_nobody_at_the_other() -> None:
    event = hybrid(physical=3, online=1, promotion=Promotion("offer"))
    event.yes("ada", guests=1)
    event.yes("bo", guests=1)
    event.yes("cy")
    for who in ("di", "eve"):
        event.yes(who, place="online")
    event.no("di")
    event.now += timedelta(hours=13)
    event.worker()
    assert (event.status("eve"), event.status("cy")) == ("no", "waitlist")
    assert event.rsvps["bo"].skips == 0


def test_a_request_may_change_its_side_until_it_is_decided() -> None:
    event = hybrid(physical=1, online=1)
    event.group = replace(GROUP, join_mode="approval")
    outsider = event.desk("ada", OUTSIDER)
    event.take(respond(outsider, "ada", "yes", 0, event.now, place="physical"))
    event.take(
        respond(event.desk("ada", Membership("pending", "member", 1)), "ada", "yes", 0, event.now, place="online")
    )
    assert (event.status("ada"), event.rsvps["ada"].room, seats(event)) == ("requested", ONLINE, [(0, 0), (0, 0)])
    event.take(approve(event.desk("ada"), 2, event.now))
    assert (event.status("ada"), seats(event)) == ("yes", [(0, 0), (1, 0)])


def test_leaders_add_and_override_by_side() -> None:
    event = hybrid()
    event.yes("ada", place="online")
    event.yes("bo", place="online")
    event.take(stewarding.add(event.desk("cy"), "cy", 0, by="lea", override=True, now=NOW, place="online"))
    online = event.ledger.facing(ONLINE)
    assert (online.seats, online.over, event.ledger.facing(PHYSICAL).over) == (2, 1, 0)
    event.take(stewarding.add(event.desk("bo"), "bo", 0, by="lea", override=False, now=NOW, place="physical"))
    assert (event.status("bo"), seats(event)) == ("yes", [(1, 0), (2, 0)])
    event.take(stewarding.add(event.desk("bo"), "bo", 0, by="lea", override=True, now=NOW, place="online"))
    assert (event.rsvps["bo"].room, event.rsvps["bo"].override, seats(event)) == (ONLINE, True, [(0, 0), (3, 0)])
    event.yes("bo", place="physical")
    assert (event.rsvps["bo"].room, event.rsvps["bo"].override, seats(event)) == (PHYSICAL, False, [(1, 0), (2, 0)])


def test_leaders_promote_with_seats_of_the_side() -> None:
    event = hybrid(promotion=Promotion("manual"))
    for who in ("ada", "bo"):
        event.yes(who, place="online")
    assert reason(stewarding.promote(event.desk("bo"), by="lea", override=False, now=NOW)) == "no-free-seat"
    event.no("ada")
    event.take(stewarding.promote(event.desk("bo"), by="lea", override=False, now=NOW))
    assert (event.status("bo"), seats(event)) == ("yes", [(0, 0), (1, 0)])


def test_going_over_is_no_inversion_and_both_logs_say_so() -> None:
    """Also by a leader's hand: the turn at the one side ends, the place at the other is given."""
    event = hybrid()
    for who in ("ada", "bo", "cy"):
        event.yes(who)
    event.yes("di", place="online")
    event.yes("eve", place="online")
    event.take(stewarding.add(event.desk("cy"), "cy", 0, by="lea", override=True, now=NOW, place="online"))
    told = together(list(event.tallies.values()))
    assert (told.inversions, told.by_hand, told.overrides) == (0, 1, 1)
    assert [(move.room, move.status) for move in event.moves] == [(PHYSICAL, "no"), (ONLINE, "yes")]
    assert why(event.rsvps["eve"], event.rsvps["cy"], event.moves, sided=True).why == "by-hand"
    assert why(event.rsvps["bo"], event.rsvps["di"], event.moves, sided=True).why == "other-side"


@pytest.mark.parametrize(("sides", "place", "accepted"), [
    (("physical",), "physical", True),
    (("physical",), "online", False),
    (("online",), "physical", False),
    ((), "online", True),
])  # fmt: skip
def test_an_event_with_one_side_takes_that_or_none(sides: Any, place: Any, accepted: bool) -> None:
    event = evening(sides=sides)
    decided = respond(event.desk("ada"), "ada", "yes", 0, event.now, place=place)
    assert isinstance(decided, Seated) if accepted else reason(decided) == "no-such-place"


def test_the_button_is_full_when_both_sides_are() -> None:
    event = hybrid()
    states = []
    for place in ("physical", "online"):
        event.yes(place, place=place)
        states.append(rsvp_state(event.terms, event.ledger, GROUP, MEMBER, rsvp=None, now=NOW))
    assert states == ["open", "full"]


def test_a_no_at_either_side_is_theirs() -> None:
    event = hybrid()
    event.yes("ada", place="online")
    decided = respond(event.desk("ada"), "ada", "no", 0, event.now, place="physical")
    assert isinstance(decided, Seated)
    assert [(type(fact), fact.left) for fact in decided.facts if isinstance(fact, Change)] == [(Declined, None)]
    event.take(decided)
    assert seats(event) == [(0, 0), (0, 0)]
