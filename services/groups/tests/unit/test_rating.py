"""How a group's events are rated, counted as messages come."""

from collections import Counter

import pytest

from contracts.events import FeedbackFact
from groups_service.store.rating import rating_change, stars_of


@pytest.mark.parametrize(
    ("was", "stars", "change"), [(None, 4, {4: 1}), (4, 5, {4: -1, 5: 1}), (5, None, {5: -1}), (3, 3, {3: 0})]
)
def test_what_is_changed_or_withdrawn_takes_its_own_out(
    was: int | None, stars: int | None, change: dict[int, int]
) -> None:
    fact = FeedbackFact(event_id="e", group_id="g", member_id="ada", was=was, stars=stars)
    assert rating_change(fact) == Counter(change)


def test_what_nobody_gives_any_more_is_no_difference() -> None:
    assert stars_of([{"stars": {"5": 1, "4": 1}}, {"stars": {"4": -1, "3": 0}}]) == stars_of([{"stars": {"5": 1}}])
