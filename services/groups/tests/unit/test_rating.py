"""How a group's events are rated, counted as messages come."""

from collections import Counter

import pytest

from contracts.events import FeedbackFact
from groups_service.store.rating import rating_change


@pytest.mark.parametrize(
    ("was", "stars", "change"), [(None, 4, {4: 1}), (4, 5, {4: -1, 5: 1}), (5, None, {5: -1}), (3, 3, {3: 0})]
)
def test_what_is_changed_or_withdrawn_takes_its_own_out(
    was: int | None, stars: int | None, change: dict[int, int]
) -> None:
    fact = FeedbackFact(event_id="e", group_id="g", member_id="ada", was=was, stars=stars)
    assert rating_change(fact) == Counter(change)
