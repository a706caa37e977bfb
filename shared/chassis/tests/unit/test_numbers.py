"""Numbers never meet, whoever hands them out."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.journal.numbers import BLOCK, LARGEST, number_at
from chassis.journal.slots import SLOTS

slots = st.integers(0, SLOTS - 1)
counts = st.integers(0, LARGEST // SLOTS)


@given(slots, counts, slots, counts)
def test_two_places_have_two_numbers(slot: int, taken: int, other: int, gone: int) -> None:
    one, two = number_at(slot, taken), number_at(other, gone)
    if one is not None and two is not None:
        assert (one == two) == ((slot, taken) == (other, gone))


@given(slots, counts)
def test_numbers_fit_in_31_bits(slot: int, taken: int) -> None:
    number = number_at(slot, taken)
    assert number is None or 1 <= number <= LARGEST


def test_all_slots_together_leave_no_number_out() -> None:
    given_out = [number_at(slot, taken) for slot in range(SLOTS) for taken in range(3 * BLOCK)]
    assert sorted(number or 0 for number in given_out) == list(range(1, len(given_out) + 1))


def test_a_slot_hands_out_its_blocks_one_after_another() -> None:
    assert [number_at(0, taken) for taken in (0, 1, BLOCK - 1, BLOCK)] == [1, 2, BLOCK, SLOTS * BLOCK + 1]
    assert number_at(1, 0) == BLOCK + 1


def test_a_slot_ends_with_31_bits() -> None:
    last = next(taken for taken in range(270_000_000, 0, -1) if number_at(0, taken) is not None)
    assert LARGEST - BLOCK * SLOTS < (number_at(0, last) or 0) <= LARGEST
    assert number_at(0, last + 1) is None
