"""Rule 9.14: advice from the group's own history, or none where there is too little of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_service.domain.overbooking import Advice, Turnout, advise
from events_service.views.attendance import alike


def test_too_few_events_or_seats_say_nothing() -> None:
    assert advise([], 10) is None
    assert advise([Turnout(100, 50)] * 2, 10) is None
    assert advise([Turnout(6, 3)] * 3, 10) is None


def test_who_stays_away_makes_room_for_others_and_more_of_it_the_longer_it_has_been_so() -> None:
    assert advise([Turnout(20, 5)] * 3, 20) == Advice(3, 0.25, 4)
    assert advise([Turnout(20, 5)] * 10, 20) == Advice(10, 0.25, 5)
    assert advise([Turnout(2000, 500)] * 10, 20) == Advice(10, 0.25, 6)


def test_where_everybody_comes_nothing_is_given_beyond() -> None:
    assert advise([Turnout(20, 0)] * 5, 1000) == Advice(5, 0.0, 0)


def test_without_a_capacity_there_is_nothing_beyond_it() -> None:
    assert advise([Turnout(20, 5)] * 3, None) == Advice(3, 0.25, None)


def held(kind: str | None, guest_limit: int | None = None) -> dict[str, Any]:
    return {"place": None if kind is None else {"kind": kind, "guest_limit": guest_limit}}


@pytest.mark.parametrize(
    ("past", "physical", "online"),
    [
        (held("physical"), True, False),
        (held(None), True, False),
        (held("online"), False, True),
        (held("hybrid", 2), False, False),
        (held("hybrid"), True, False),
    ],
)
def test_only_those_who_were_to_come_to_the_same_kind_of_place_tell_something_of_its_capacity(
    past: dict[str, Any], physical: bool, online: bool
) -> None:
    for event in (held("physical"), held(None), held("hybrid", 2)):
        assert alike(past, event) == physical
    assert alike(past, held("online")) == online


@given(
    st.lists(st.tuples(st.integers(0, 7000), st.integers(0, 7000)), max_size=10),
    st.integers(0, 100_000),
)
def test_the_advice_is_bounded_by_what_was_seen(seen: list[tuple[int, int]], capacity: int) -> None:
    found = advise([Turnout(seats, min(seats, absent)) for seats, absent in seen], capacity)
    if found is None:
        return
    assert 0 <= found.absent_share <= 1
    assert found.extra_seats is not None
    assert found.extra_seats >= 0
    share = min(1 - 1e-9, found.absent_share + 0.001)
    assert found.extra_seats <= capacity * share / (1 - share) + 1
