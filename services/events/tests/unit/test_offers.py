"""Rule 9.8: instant, offer, manual; offers are held, claimed, declined, and expire."""

from dataclasses import replace
from datetime import timedelta

import pytest

from events_service.domain import offer
from events_service.domain.admission import respond
from events_service.domain.button import rsvp_state
from events_service.domain.promotion import Promotion, expiry, way

from .rules import MEMBER, NOW, STARTS, Evening, evening, reason

OFFER = Promotion("offer", offer_ttl=3600)


def waiting(promotion: Promotion = OFFER, capacity: int = 1) -> Evening:
    """One seat, taken by ada; bo and cy wait for it."""
    found = evening(capacity, promotion=promotion)
    assert [found.yes(who) for who in ("ada", "bo", "cy")] == ["yes", "waitlist", "waitlist"]
    return found


@pytest.mark.parametrize(
    ("promotion", "before_start", "expected"),
    [
        (Promotion("instant"), timedelta(hours=24), "seat"),
        (Promotion("instant"), timedelta(hours=23, minutes=59), "offer"),
        (Promotion("instant", confirm_within=0), timedelta(seconds=1), "seat"),
        (Promotion("offer"), timedelta(days=30), "offer"),
        (Promotion("manual"), timedelta(days=30), "hand"),
        (Promotion("manual"), timedelta(hours=1), "hand"),
        (Promotion("instant"), timedelta(0), "hand"),
        (Promotion("offer"), timedelta(0), "hand"),
    ],
)
def test_within_confirm_within_of_the_start_instant_becomes_offer(
    promotion: Promotion, before_start: timedelta, expected: str
) -> None:
    assert way(promotion, STARTS, STARTS - before_start) == expected


@pytest.mark.parametrize(
    ("left", "holds"),
    [(timedelta(days=10), timedelta(hours=12)), (timedelta(hours=20), timedelta(hours=10))],
)
def test_an_offer_never_holds_longer_than_half_of_the_time_left(left: timedelta, holds: timedelta) -> None:
    assert expiry(Promotion("offer"), STARTS, STARTS - left) == STARTS - left + holds


def test_a_freed_seat_is_held_for_the_first_in_line_and_for_nobody_else() -> None:
    event = waiting()
    event.no("ada")
    assert (event.status("bo"), event.status("cy")) == ("offered", "waitlist")
    assert (event.ledger.seats, event.ledger.held, event.ledger.offers) == (0, 1, 1)
    assert event.ledger.lapses == NOW + timedelta(hours=1)
    assert event.yes("dee") == "waitlist"
    event.no("cy")
    event.no("dee")
    assert event.yes("eve") == "waitlist"


def test_an_offer_is_claimed_once_and_claiming_twice_changes_nothing() -> None:
    event = waiting()
    event.no("ada")
    seq = event.offer("bo")
    assert reason(offer.accept(event.desk("bo"), seq + 1, NOW)) == "unknown-offer"
    assert reason(offer.accept(event.desk("dee"), seq, NOW)) == "unknown-offer"
    assert event.take(offer.accept(event.desk("bo"), seq, NOW)) == ""
    assert (event.status("bo"), event.ledger.seats, event.ledger.held, event.ledger.lapses) == ("yes", 1, 0, None)
    before = event.ledger
    assert event.take(offer.accept(event.desk("bo"), seq, NOW)) == ""
    assert event.ledger == before
    assert reason(offer.decline(event.desk("bo"), seq, NOW)) == "offer-over"


def test_a_declined_offer_goes_to_the_next() -> None:
    event = waiting()
    event.no("ada")
    seq = event.offer("bo")
    assert event.take(offer.decline(event.desk("bo"), seq, NOW)) == ""
    assert (event.status("bo"), event.status("cy")) == ("no", "offered")
    assert event.take(offer.decline(event.desk("bo"), seq, NOW)) == ""
    assert reason(offer.accept(event.desk("bo"), seq, NOW)) == "offer-over"


def test_an_expired_offer_cannot_be_claimed_and_goes_to_the_next_when_the_worker_looks() -> None:
    event = waiting()
    event.no("ada")
    event.now = NOW + timedelta(hours=1)
    assert reason(offer.accept(event.desk("bo"), event.offer("bo"), event.now)) == "offer-expired"
    assert reason(respond(event.desk("bo"), "bo", "yes", 0, event.now)) == "offer-expired"
    event.worker()
    assert (event.status("bo"), event.status("cy")) == ("no", "offered")
    assert event.ledger.lapses == NOW + timedelta(hours=2)
    event.now += timedelta(days=2)
    event.worker()
    assert (event.status("cy"), event.ledger.held, event.ledger.offers) == ("no", 0, 0)
    assert event.yes("dee") == "yes"


def test_a_yes_claims_the_offer_also_after_rsvps_closed() -> None:
    event = waiting()
    event.terms = replace(event.terms, closes=NOW)
    event.no("ada")
    assert event.yes("bo") == "yes"
    assert event.yes("dee") == ""


def test_who_claims_with_fewer_leaves_the_rest_to_the_next() -> None:
    event = evening(2, promotion=OFFER)
    assert [event.yes(who, guests) for who, guests in (("ada", 1), ("bo", 1), ("cy", 0))][1:] == ["waitlist"] * 2
    event.no("ada")
    assert event.yes("bo", 0) == "yes"
    assert (event.status("cy"), event.ledger.seats, event.ledger.held) == ("offered", 1, 1)


def test_more_guests_than_are_held_are_refused_and_the_offer_stays() -> None:
    event = waiting()
    event.no("ada")
    assert reason(respond(event.desk("bo"), "bo", "yes", 1, NOW)) == "party-too-large"
    event.ledger = event.ledger.of_capacity(2)
    assert reason(respond(event.desk("bo"), "bo", "yes", 1, NOW)) == "guests-do-not-fit"
    assert event.status("bo") == "offered"


def test_a_leader_chooses_where_promotion_is_manual() -> None:
    event = waiting(Promotion("manual"))
    event.no("ada")
    assert (event.status("bo"), event.status("cy")) == ("waitlist", "waitlist")
    assert event.yes("dee") == "waitlist"


def test_offers_of_a_cancelled_event_expire_no_more() -> None:
    event = waiting()
    event.no("ada")
    event.terms, event.now = replace(event.terms, status="cancelled"), NOW + timedelta(days=1)
    event.worker()
    assert (event.status("bo"), event.ledger.lapses) == ("offered", None)


def test_an_offer_that_was_made_after_the_range_was_read_is_looked_at_again() -> None:
    event = waiting()
    event.no("ada")
    read = event.held()
    event.now = NOW + timedelta(hours=1)
    event.take(offer.lapse(event.desk("nobody"), read, event.now))
    assert (event.status("bo"), event.status("cy")) == ("no", "offered")
    event.take(offer.lapse(event.desk("nobody"), [one for one in read if one.member_id != "bo"], event.now))
    assert (event.ledger.offers, event.ledger.lapses) == (1, event.now)
    event.worker()
    assert event.ledger.lapses == event.now + timedelta(hours=1)
    event.now += timedelta(hours=1)
    event.worker()
    assert (event.status("cy"), event.ledger.held, event.ledger.offers) == ("no", 0, 0)


def test_offers_of_an_event_that_is_on_again_are_looked_after_again() -> None:
    event = waiting()
    event.no("ada")
    watched = event.ledger.watched(NOW)
    assert watched == event.ledger
    event.terms, event.now = replace(event.terms, status="cancelled"), NOW + timedelta(days=1)
    event.worker()
    event.terms = replace(event.terms, status="published")
    event.ledger = event.ledger.watched(event.now)
    event.worker()
    assert (event.status("bo"), event.status("cy")) == ("no", "offered")


def test_the_button_says_offered_while_the_offer_holds() -> None:
    event = waiting()
    event.no("ada")

    def state(**terms: object) -> str:
        said = replace(event.terms, **terms)  # type: ignore[arg-type] # fields of the terms
        return rsvp_state(said, event.ledger, event.group, MEMBER, rsvp=event.rsvps["bo"], now=event.now)

    assert state() == "offered"
    assert state(closes=NOW) == "offered"
    assert state(status="cancelled") == "cancelled"
    event.now = NOW + timedelta(hours=1)
    assert state() == "full"
    assert state(closes=NOW) == "closed"
