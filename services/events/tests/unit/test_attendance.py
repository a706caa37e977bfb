"""Rule 9.14: who was there. Check-in, notes and their corrections, and what they come to."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events_service.domain import stewarding
from events_service.domain.attendance import NOTED_WITHIN, OPENS_BEFORE, Means, Tally, was_there

from .doors import ENDS, STILL_THERE, door
from .rules import STARTS, TERMS


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


def test_nobody_is_at_an_event_that_was_cancelled_or_never_published() -> None:
    evening = door("ada")
    for status, refused in (("cancelled", "event-cancelled"), ("draft", "unknown-event")):
        evening.event.terms = replace(TERMS, status=status)  # type: ignore[arg-type] # both are what a status may be
        assert [evening.check_in("ada"), evening.mark("ada", "no_show")] == [refused, refused]


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
