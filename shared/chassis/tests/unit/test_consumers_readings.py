"""When a place in a topic is lost, and when there never was one."""

import pytest

from chassis.consumers.readings import Place


@pytest.mark.parametrize(
    ("place", "lost"),
    [
        (Place(committed=5, begin=0, end=9, noted=5), False),
        (Place(committed=9, begin=0, end=9, noted=None), False),
        (Place(committed=2, begin=3, end=9, noted=2), True),
        (Place(committed=10, begin=0, end=9, noted=10), True),
        (Place(committed=None, begin=0, end=9, noted=4), True),
        (Place(committed=None, begin=0, end=9, noted=0), False),
        (Place(committed=None, begin=0, end=9, noted=None), False),
        (Place(committed=None, begin=4, end=9, noted=4), True),
    ],
)
def test_a_place_is_lost(place: Place, lost: bool) -> None:
    assert place.lost is lost
