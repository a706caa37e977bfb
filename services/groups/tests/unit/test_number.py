"""Numbers never meet, whoever hands them out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groups_service.domain.number import BLOCK, LARGEST, SHELVES, number_at

shelves = st.integers(0, SHELVES - 1)
counts = st.integers(0, LARGEST // SHELVES)


@given(shelves, counts, shelves, counts)
def test_two_places_have_two_numbers(shelf: int, taken: int, other: int, gone: int) -> None:
    one, two = number_at(shelf, taken), number_at(other, gone)
    if one is not None and two is not None:
        assert (one == two) == ((shelf, taken) == (other, gone))


@given(shelves, counts)
def test_numbers_fit_in_31_bits(shelf: int, taken: int) -> None:
    number = number_at(shelf, taken)
    assert number is None or 1 <= number <= LARGEST


def test_a_shelf_hands_out_its_blocks_one_after_another() -> None:
    assert [number_at(0, taken) for taken in (0, 1, BLOCK - 1, BLOCK)] == [1, 2, BLOCK, SHELVES * BLOCK + 1]
    assert number_at(1, 0) == BLOCK + 1


def test_a_shelf_runs_out() -> None:
    assert number_at(SHELVES - 1, LARGEST) is None


def test_there_is_no_such_shelf() -> None:
    with pytest.raises(ValueError, match="shelves"):
        number_at(SHELVES, 0)
