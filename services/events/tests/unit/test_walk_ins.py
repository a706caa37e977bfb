"""Rule 9.14: who has no place is let in by a word for it, and what is noted of them then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from events_service.domain import stewarding
from events_service.domain.attendance import Mark, Tally
from events_service.domain.group import OUTSIDER, Membership

from .doors import ENDS, STILL_THERE, door
from .rules import GROUP, STARTS


def test_a_walk_in_has_a_place_by_a_leaders_hand_over_the_capacity_too() -> None:
    evening = door("ada", "bo")
    assert evening.check_in("cy", let_in=True) == ""
    rsvp = evening.event.rsvps["cy"]
    assert (rsvp.status, rsvp.override, evening.event.ledger.over) == ("yes", True, 1)
    assert evening.notes["cy"].walk_in
    assert evening.tally == Tally(attended=1, walk_ins=1, walk_in_seats=1)


def test_a_walk_in_who_fits_is_no_override() -> None:
    evening = door("ada")
    evening.check_in("cy", let_in=True)
    assert (evening.event.rsvps["cy"].override, evening.event.ledger.over) == (False, 0)


@pytest.mark.parametrize("status", ["no", "waitlist", ""])
def test_the_code_at_the_door_lets_in_only_who_has_a_place(status: str) -> None:
    evening = door("ada", "bo")
    if status == "waitlist":
        assert evening.event.yes("cy") == status
    elif status == "no":
        assert evening.event.no("cy") == status
    for let_in in (False, True):
        assert evening.check_in("cy", "door", let_in=let_in) == "no-place"
    assert evening.event.status("cy") == status
    assert evening.check_in("cy", "code" if status else "hand", let_in=True) == ""
    assert (evening.event.status("cy"), evening.notes["cy"].walk_in) == ("yes", True)


@pytest.mark.parametrize("status", ["no", "waitlist", "offered", ""])
def test_who_has_no_place_is_let_in_only_by_a_word_for_it_so_that_a_mistaken_scan_costs_nobody_their_turn(
    status: str,
) -> None:
    evening = door("ada", "bo")
    if status:
        evening.event.yes("cy")
    if status == "offered":
        evening.event.rsvps["cy"] = replace(evening.event.rsvps["cy"], status="offered")
    elif status == "no":
        evening.event.no("cy")
    before, ledger = dict(evening.event.rsvps), evening.event.ledger
    acts = [evening.check_in("cy", "code"), evening.check_in("cy", "hand"), evening.mark("cy", "attended")]
    assert acts == ["no-place"] * 3
    assert (evening.event.rsvps, evening.event.ledger, evening.notes) == (before, ledger, {})


def test_who_waits_comes_in_with_their_guests() -> None:
    evening = door("ada", "bo")
    evening.event.yes("cy", 1)
    assert evening.check_in("cy", let_in=True) == ""
    assert (evening.event.ledger.seats, evening.event.ledger.waiting, evening.notes["cy"].seats) == (4, 0, 2)
    assert evening.event.moves[-1].by == "olga"


def test_who_is_not_in_the_group_does_not_walk_in_and_who_was_put_out_is_not_checked_in() -> None:
    evening = door("ada")
    assert evening.check_in("eve", membership=OUTSIDER) == "not-a-member"
    for state in ("removed", "banned"):
        assert evening.check_in("ada", "code", membership=Membership(state, "member", 2)) == "not-allowed"
    assert evening.check_in("ada", "code", membership=Membership("left", "member", 2)) == ""
    evening.event.group = replace(GROUP, status="closed")
    assert evening.check_in("cy") == "not-allowed"


def test_who_checked_in_early_and_said_no_has_no_place_any_more() -> None:
    evening = door("ada")
    early = STARTS - timedelta(hours=1)
    assert evening.check_in("ada", at=early) == ""
    assert evening.event.no("ada") == "no"
    assert evening.check_in("ada", at=early) == "no-place"
    assert evening.check_in("ada", at=early, let_in=True) == ""
    assert evening.event.status("ada") == "yes"


@pytest.mark.parametrize("noted", ["attended", "no_show", "excused"])
def test_who_was_noted_with_a_place_and_is_let_in_without_one_is_a_walk_in(noted: Mark) -> None:
    evening = door("ada", capacity=9, guests=2)
    if noted == "attended":
        assert evening.check_in("ada", at=STARTS - timedelta(hours=1)) == ""
        assert evening.event.no("ada") == "no"
    else:
        assert evening.mark("ada", noted) == ""
        assert evening.event.take(stewarding.drop(evening.event.desk("ada"), by="olga", now=STILL_THERE)) == ""
    at = STARTS - timedelta(minutes=50) if noted == "attended" else STILL_THERE
    assert evening.check_in("ada", at=at, let_in=True) == ""
    assert (evening.notes["ada"].walk_in, evening.facts[-1].walk_in, evening.facts[-1].walked_in) == (True, True, False)
    assert evening.tally == Tally(attended=1, walk_ins=1, walk_in_seats=1)
    assert evening.mark("ada", None) == ""
    assert (evening.event.status("ada"), evening.tally) == ("no", Tally())


def test_a_walk_in_taken_back_is_out_again_and_never_a_no_show() -> None:
    evening = door("ada", "bo")
    evening.check_in("cy", let_in=True)
    assert [evening.mark("cy", "no_show"), evening.mark("cy", "excused")] == ["walked-in", "walked-in"]
    assert evening.mark("cy", None, at=ENDS + timedelta(days=1)) == ""
    assert (evening.event.status("cy"), evening.event.ledger.seats, evening.event.ledger.over) == ("no", 2, 0)
    assert evening.tally == Tally()
