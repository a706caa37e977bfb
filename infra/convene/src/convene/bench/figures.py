"""What was measured: figures with a value for each round."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(slots=True)
class Figure:
    """One row of the table.

    of: the measurement; what: the row's name; unit: of the values; target: the figure to reach, in words; values: one
    of each round, in order.
    """

    of: str
    what: str
    unit: str
    target: str = ""
    values: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return median(self.values)

    def told(self) -> str:
        """Median and range."""
        middle = short(self.middle)
        return middle if len(self.values) == 1 else f"{middle} ({short(min(self.values))}–{short(max(self.values))})"  # noqa: RUF001 - a range has an en dash


class Figures:
    """Rows in the order in which they first came."""

    def __init__(self, rows: Iterable[Figure] = ()) -> None:
        self._rows = {(row.of, row.what): row for row in rows}

    def add(self, of: str, what: str, value: float, unit: str, *, target: str = "") -> None:
        """One more value of a row."""
        self._rows.setdefault((of, what), Figure(of, what, unit, target)).values.append(round(value, 4))

    def rows(self, of: str | None = None) -> list[Figure]:
        """All, or those of one measurement."""
        return [row for row in self._rows.values() if of in (None, row.of)]

    def documents(self, of: str) -> list[dict[str, Any]]:
        """As JSON values."""
        return [
            {"what": row.what, "unit": row.unit, "target": row.target, "values": row.values} for row in self.rows(of)
        ]


def short(value: float) -> str:
    """Three digits that count; whole numbers above a hundred."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
