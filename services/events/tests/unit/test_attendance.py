"""Rule 9.14: who was there. Check-in, walk-ins, notes and their corrections, and what they come to."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events_service.domain import attendance, stewarding
from events_service.domain.attendance import (
    NOTED_WITHIN,
    OPENS_BEFORE,
    Mark,
    Marked,
    Means,
    Note,
    Noted,
    Tally,
    evolve,
    note_after,
    was_there,
)
from events_service.domain.group import OUTSIDER, Membership
from events_service.domain.refusal import Refused

from .rules import GROUP, MEMBER, STARTS, TERMS, Evening, evening

ENDS = TERMS.ends
STILL_THERE = STARTS + timedelta(minutes=10)


@dataclass
class Door:
    """An evening, with what is noted of it."""

    event: Evening
    notes: dict[str, Note] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    facts: list[Marked] = field(default_factory=list)

    def take(self, noted: Noted | Refused) -> str:
        """The reason of the refusal, or nothing."""
        if isinstance(noted, Refused):
            return noted.reason
        self.event.take(noted.seated)
        marked = noted.marked
        if marked is not None:
            note = note_after(marked, self.event.now)
            self.notes.pop(marked.member_id, None)
            if note is not None:
                self.notes[marked.member_id] = note
            self.tally = evolve(self.tally, marked)
            self.facts.append(marked)
        return ""

    def check_in(
        self,
        who: str,
        means: Means = "hand",
        *,
        at: datetime = STILL_THERE,
        membership: Membership = MEMBER,
        let_in: bool = False,
    ) -> str:
        self.event.now = at
        desk, by = self.event.desk(who, membership), who if means == "door" else "olga"
        noted = attendance.check_in(desk, self.notes.get(who), who, by=by, means=means, now=at, let_in=let_in)
        return self.take(noted)

    def mark(self, who: str, wanted: Mark | None, *, at: datetime = STILL_THERE, let_in: bool = False) -> str:
        self.event.now = at
        desk, note = self.event.desk(who), self.notes.get(who)
        return self.take(attendance.mark(desk, note, who, wanted, by="olga", now=at, let_in=let_in))

    def noted(self, who: str) -> Mark | None:
        return self.notes[who].mark if who in self.notes else None


def door(*coming: str, capacity: int | None = 2, guests: int = 0) -> Door:
    event = evening(capacity)
    for who in coming:
        event.yes(who, guests)
    return Door(event)


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (STARTS - OPENS_BEFORE - timedelta(seconds=1), "checkin-not-open"),
        (STARTS - OPENS_BEFORE, ""),
        (ENDS + OPENS_BEFORE - timedelta(seconds=1), ""),
        (ENDS + OPENS_BEFORE, "checkin-closed"),
    ],
)
def test_check_in_is_open_from_before_the_start_until_after_the_end(at: datetime, refused: str) -> None:
    assert door("ada").check_in("ada", at=at) == refused


@pytest.mark.parametrize("means", ["hand", "code", "door"])
def test_who_has_a_place_is_checked_in_once(means: Means) -> None:
    evening = door("ada")
    assert [evening.check_in("ada", means), evening.check_in("ada", means)] == ["", ""]
    assert (evening.noted("ada"), len(evening.facts), evening.tally) == ("attended", 1, Tally(attended=1))
    assert evening.facts[0].by == ("ada" if means == "door" else "olga")
    assert evening.event.ledger.seats == 1


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


def test_nobody_is_at_an_event_that_was_cancelled_or_never_published() -> None:
    evening = door("ada")
    for status, refused in (("cancelled", "event-cancelled"), ("draft", "unknown-event")):
        evening.event.terms = replace(TERMS, status=status)  # type: ignore[arg-type] # both are what a status may be
        assert [evening.check_in("ada"), evening.mark("ada", "no_show")] == [refused, refused]


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


def test_a_note_is_taken_back_of_an_event_called_off_too() -> None:
    evening = door("ada")
    assert evening.mark("ada", "no_show") == ""
    evening.event.terms = replace(TERMS, status="cancelled")
    assert evening.mark("ada", None) == ""
    assert (evening.noted("ada"), evening.tally) == (None, Tally())


def test_leaders_note_who_stayed_away_once_the_event_has_begun() -> None:
    evening = door("ada", "bo", guests=1, capacity=9)
    assert evening.mark("ada", "no_show", at=STARTS - timedelta(seconds=1)) == "event-not-begun"
    assert [evening.mark("ada", "no_show"), evening.mark("bo", "excused")] == ["", ""]
    assert evening.tally == Tally(no_show=1, excused=1, absent_seats=4)
    assert evening.mark("cy", "no_show") == "no-rsvp"
    evening.event.rsvps["dee"] = replace(evening.event.rsvps["bo"], member_id="dee", status="no")
    assert evening.mark("dee", "no_show") == "no-place"


def test_a_note_is_corrected_and_taken_back() -> None:
    evening = door("ada")
    for wanted in ("no_show", "no_show", "attended", "excused", None, None):
        assert evening.mark("ada", wanted) == ""
    assert [(fact.was, fact.mark) for fact in evening.facts] == [
        (None, "no_show"),
        ("no_show", "attended"),
        ("attended", "excused"),
        ("excused", None),
    ]
    assert (evening.noted("ada"), evening.tally, evening.event.status("ada")) == (None, Tally(), "yes")


def test_notes_close_a_month_after_the_end() -> None:
    evening = door("ada")
    assert evening.mark("ada", "no_show", at=ENDS + NOTED_WITHIN - timedelta(seconds=1)) == ""
    for wanted in ("attended", "excused", None):
        assert evening.mark("ada", wanted, at=ENDS + NOTED_WITHIN) == "attendance-closed"


def test_a_walk_in_taken_back_is_out_again_and_never_a_no_show() -> None:
    evening = door("ada", "bo")
    evening.check_in("cy", let_in=True)
    assert [evening.mark("cy", "no_show"), evening.mark("cy", "excused")] == ["walked-in", "walked-in"]
    assert evening.mark("cy", None, at=ENDS + timedelta(days=1)) == ""
    assert (evening.event.status("cy"), evening.event.ledger.seats, evening.event.ledger.over) == ("no", 2, 0)
    assert evening.tally == Tally()


def test_a_leader_may_note_somebody_after_check_in_has_closed() -> None:
    evening = door("ada")
    assert evening.mark("cy", "attended", at=ENDS + timedelta(days=3), let_in=True) == ""
    assert (evening.event.status("cy"), evening.notes["cy"].walk_in) == ("yes", True)


def test_who_comes_late_is_there_whatever_was_noted_before() -> None:
    evening = door("ada")
    evening.mark("ada", "no_show")
    assert evening.check_in("ada", "door", at=STILL_THERE + timedelta(minutes=5)) == ""
    assert evening.tally == Tally(attended=1)


def test_a_note_keeps_the_start_that_the_event_had() -> None:
    evening = door("ada")
    evening.check_in("ada", at=STARTS - timedelta(hours=1))
    evening.event.terms = replace(TERMS, starts=STARTS + timedelta(days=1), ends=ENDS + timedelta(days=1))
    assert evening.mark("ada", "excused", at=STARTS + timedelta(days=1)) == ""
    assert [fact.held for fact in evening.facts] == [STARTS, STARTS]


def test_nothing_is_noted_anew_of_who_is_forgotten() -> None:
    evening = door("ada")
    evening.mark("ada", "no_show")
    evening.notes["ada"] = replace(evening.notes["ada"], forgotten=True)
    assert [evening.mark("ada", wanted) for wanted in ("attended", "excused", None)] == ["member-forgotten"] * 3
    assert evening.check_in("ada") == "member-forgotten"


def test_who_was_there_is_who_is_noted_so_or_had_a_place_and_nothing_is_noted() -> None:
    there = [(status, mark) for status in ("yes", "no", None) for mark in ("attended", "no_show", "excused", None)]
    assert [one for one in there if was_there(*one)] == [  # type: ignore[arg-type] # what a status and a mark may be
        ("yes", "attended"),
        ("yes", None),
        ("no", "attended"),
        (None, "attended"),
    ]


PEOPLE = ("ada", "bo", "cy", "dee")
ACTS = st.tuples(
    st.sampled_from(PEOPLE),
    st.sampled_from(["hand", "code", "door", "attended", "no_show", "excused", "back", "drop"]),
    st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 3), st.lists(ACTS, max_size=25))
def test_notes_are_counted_as_a_naive_reader_would(guests: int, acts: list[tuple[str, str, bool]]) -> None:
    evening = door("ada", "bo", capacity=4, guests=guests)
    evening.event.yes("cy")
    for who, act, let_in in acts:
        before = dict(evening.notes)
        match act:
            case "hand" | "code" | "door":
                refused = evening.check_in(who, act, let_in=let_in)
            case "drop":
                refused = evening.event.take(stewarding.drop(evening.event.desk(who), by="olga", now=STILL_THERE))
            case _:
                wanted: Any = None if act == "back" else act
                refused = evening.mark(who, wanted, let_in=let_in)
        if refused:
            assert evening.notes == before, "a refusal changed what is noted"
    notes = evening.notes.values()
    marks = Counter(note.mark for note in notes)
    assert evening.tally == Tally(
        marks["attended"],
        marks["no_show"],
        marks["excused"],
        sum(note.walk_in for note in notes),
        sum(note.seats for note in notes if note.mark != "attended"),
        sum(note.seats for note in notes if note.walk_in),
    )
    assert not evening.event.ledger.oversold
    assert all(note.mark == "attended" for note in notes if note.walk_in)
