"""No text that somebody wrote is a formula in the leader's spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_service.views.sheet import Cell, lines


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20SUM(A1)",
        "\ufe66cmd",
        "\u22121",
        "  =1",
        "\u200b=1",
        "\u3000=1",
        "\ufeff=1",
        "\x00=1",
        "\ttext",
    ],
)
def test_what_could_be_a_formula_begins_with_an_apostrophe(text: str) -> None:
    assert lines([[text]]) == f'"\'{text}"\r\n'


@pytest.mark.parametrize("text", ["Ada", "a=b", "1-2", "O'Brien", "", " ", "'=1", "Zoë", "\u6a39"])
def test_other_text_is_as_it_was_written(text: str) -> None:
    assert read(lines([[text, "x"]])) == [[text, "x"]]


def test_numbers_and_yes_and_no_are_written_plainly() -> None:
    assert lines([[1, True, False, None]]) == '"1","yes","no",""\r\n'


def test_no_separator_ends_a_cell() -> None:
    assert lines([['a";=1', "b,=1", "c;=1"]]) == '"a"";=1","b,=1","c;=1"\r\n'


CELLS: st.SearchStrategy[Cell] = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=5))
def test_every_row_is_one_row_and_no_cell_is_a_formula(rows: list[list[Cell]]) -> None:
    found = read(lines(rows))
    assert [len(row) for row in found] == [len(row) for row in rows]
    for row, said in zip(found, rows, strict=True):
        for cell, before in zip(row, said, strict=True):
            if isinstance(before, str):
                assert cell.removeprefix("'") == before.removeprefix("'")
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
