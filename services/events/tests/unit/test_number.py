"""Numbers of RSVPs: 31 bits, never one twice."""

import pytest

from events_service.domain.number import BLOCK, LARGEST, SHELVES, number_at


def test_shelves_never_give_the_same_number() -> None:
    given = [number_at(shelf, taken) for shelf in range(SHELVES) for taken in range(3 * BLOCK)]
    assert len(set(given)) == len(given)
    assert sorted(given, key=lambda number: number or 0) == list(range(1, len(given) + 1))


def test_a_shelf_ends_with_31_bits() -> None:
    last = next(taken for taken in range(270_000_000, 0, -1) if number_at(0, taken) is not None)
    number = number_at(0, last)
    assert number is not None
    assert LARGEST - BLOCK * SHELVES < number <= LARGEST
    assert number_at(0, last + 1) is None


def test_an_unknown_shelf_is_a_defect() -> None:
    with pytest.raises(ValueError, match="shelves"):
        number_at(SHELVES, 0)
