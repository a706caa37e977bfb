"""Figures as pictures: SVG without scripts, so that it shows on any page."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import pygal
from pygal.style import CleanStyle

from convene.bench.figures import Figure, Figures

SIZE = {"width": 800, "height": 360}


def pictures(report: Mapping[str, Any]) -> dict[str, bytes]:
    """SVG by name: what an RSVP costs each process, how many a second, and how both stay the same as data grows."""
    figures = Figures(
        Figure(of=name, **row) for name, found in report["measurements"].items() for row in found["figures"]
    )
    drawn = {"rates": _rates(figures), "processes": _processes(figures), "growth": _growth(figures)}
    return {name: _plain(chart) for name, chart in drawn.items() if chart is not None}


def _plain(chart: Any) -> bytes:
    """Without pygal's scripts, which pages refuse in pictures and which no picture here needs."""
    root = chart.render_tree()
    for parent in list(root.iter()):
        for child in [child for child in parent if str(child.tag).rpartition("}")[2] == "script"]:
            parent.remove(child)
    drawn: bytes = ElementTree.tostring(root, encoding="utf-8")
    return drawn + b"\n"


def _chart(kind: Any, title: str, **options: Any) -> Any:
    return kind(title=title, style=CleanStyle, js=[], no_prefix=True, **SIZE, **options)


def _rates(figures: Figures) -> Any:
    rows = [row for row in figures.rows() if row.unit == "RSVPs/s" and row.what.endswith("whole way")]
    return _bars("RSVPs a second, the whole way", [(row.what.removesuffix(": whole way"), row.middle) for row in rows])


def _processes(figures: Figures) -> Any:
    rows = [row for row in figures.rows("rsvps") if row.what.startswith("CPU of ") and row.unit == "µs/RSVP"]
    return _bars("µs of CPU for one RSVP, by process", [(row.what.removeprefix("CPU of "), row.middle) for row in rows])


def _bars(title: str, bars: list[tuple[str, float]]) -> Any:
    if not bars:
        return None
    chart = _chart(pygal.HorizontalBar, title, show_legend=False, print_values=True)
    chart.x_labels = [what for what, _ in bars]
    chart.add("", [round(value) for _, value in bars])
    return chart


def _growth(figures: Figures) -> Any:
    rows = [row for row in figures.rows("growth") if row.unit == "times the empty one"]
    if not rows:
        return None
    chart = _chart(pygal.Bar, "Cost of an RSVP, times that of an empty database or event", range=(0, None))
    for row in rows:
        chart.add(row.what, round(row.middle, 2))
    return chart
