"""Tables for spreadsheets: CSV (RFC 4180) in which no text is taken for a formula.

A cell that a spreadsheet could read as one begins with an apostrophe: whatever begins, behind blanks and invisible
characters, with = + - @ in any of their widths, or with a tab or a line break. Every cell is in quotes, so that a
program that separates by other characters finds no cell within one. UTF-8 with a byte order mark: without it Excel
reads another encoding.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

MARK: Final = "\ufeff"
_STARTERS: Final = frozenset("=+-@\u2212")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})

Cell = str | int | bool | None


def lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows as CSV; a cell without a value is empty."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return out.getvalue()


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case int():
            return str(cell)
        case _:
            return f"'{cell}" if _is_formula(cell) else cell


def _is_formula(text: str) -> bool:
    if text[:1] in ("\t", "\r", "\n"):
        return True
    for character in text:
        if unicodedata.category(character) in _INVISIBLE:
            continue
        return unicodedata.normalize("NFKC", character)[:1] in _STARTERS
    return False
