"""Figures as a table: for the terminal, and as the generated part of docs/performance.md."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from rich.table import Table

from convene.bench.figures import Figure, Figures
from convene.parts.trouble import Unavailable

BEGIN = "<!-- figures: written by `make bench` -->"
END = "<!-- end of figures -->"


def shown(report: Mapping[str, Any]) -> Iterator[Table]:
    """For the terminal: every measurement of the report."""
    for name, found in report["measurements"].items():
        table = Table("what", "median (range)", "unit", "target", title=found["title"], title_justify="left", box=None)
        for row in _figures(name, found).rows():
            table.add_row(row.what, row.told(), row.unit, row.target)
        yield table


def markdown(report: Mapping[str, Any], pictures: Mapping[str, str]) -> str:
    """The page's part: every measurement of the report with its date and command. pictures: path by what they show."""
    parts = [f"![{what}]({path})" for what, path in pictures.items()]
    for name, found in report["measurements"].items():
        lines = [
            f"### {found['title']}",
            "",
            _how(found),
            "",
            "| what | median (range) | unit | target |",
            "|" + " --- |" * 4,
        ]
        lines += [f"| {row.what} | {row.told()} | {row.unit} | {row.target} |" for row in _figures(name, found).rows()]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _figures(name: str, found: Mapping[str, Any]) -> Figures:
    return Figures(Figure(of=name, **row) for row in found["figures"])


def _how(found: Mapping[str, Any]) -> str:
    times = "once" if found["rounds"] == 1 else f"{found['rounds']} times"
    return f"{date.fromisoformat(found['date']).isoformat()}, `{found['command']}`, {times}."


def replaced(page: str, part: str) -> str:
    """The page with a new generated part. Raises Unavailable when it has no place for one."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Unavailable(f"The page has no {BEGIN} … {END} to write between.")
    return f"{before}{BEGIN}\n\n{part}\n\n{END}{after}"
