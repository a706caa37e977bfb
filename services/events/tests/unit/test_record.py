"""No-show memory: counts that follow every correction."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from events_service.domain.attendance import Mark
from events_service.domain.record import Record, evolve, forget, note

MARKS: st.SearchStrategy[Mark | None] = st.sampled_from(["attended", "no_show", "excused", None])


def test_a_correction_moves_one_count_to_another() -> None:
    record = Record("g", "ada")
    record = evolve(record, note(record, None, "no_show"))
    record = evolve(record, note(record, "no_show", "attended"))
    assert record == Record("g", "ada", attended=1)
    assert note(record, "attended", "attended") == []


def test_who_is_forgotten_has_no_counts_and_begins_anew() -> None:
    record = evolve(Record("g", "ada", no_show=3), forget(Record("g", "ada")))
    assert record == Record("g", "ada", forgotten=True)
    assert forget(record) == []
    assert evolve(record, note(record, None, "attended")) == Record("g", "ada", attended=1)


@given(st.lists(st.tuples(st.integers(0, 5), MARKS), max_size=40))
def test_counts_are_those_of_the_last_notes(said: list[tuple[int, Mark | None]]) -> None:
    record, notes = Record("g", "ada"), dict[int, Mark | None]()
    for event, mark in said:
        record = evolve(record, note(record, notes.get(event), mark))
        notes[event] = mark
    counts = Counter(notes.values())
    assert record == Record("g", "ada", counts["attended"], counts["no_show"], counts["excused"])
