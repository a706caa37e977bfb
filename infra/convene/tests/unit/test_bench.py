"""Figures as a table, a report and pictures."""

import json
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from convene.bench import report
from convene.bench.figures import Figure, Figures
from convene.bench.spending import Spent
from convene.bench.table import BEGIN, END, replaced, shown
from convene.parts.trouble import Unavailable


def some(**values: list[float]) -> Figures:
    return Figures(Figure("rsvps", f"{what}: whole way", "RSVPs/s", "4,000", found) for what, found in values.items())


def made(figures: Figures, *, day: int = 25) -> dict[str, object]:
    return report.made(figures, {"rsvps": "RSVPs"}, today=date(2026, 11, day), command="convene bench", rounds=3)


def test_a_figure_is_its_median_with_its_range() -> None:
    assert Figure("rsvps", "rate", "RSVPs/s", values=[4200.4, 3999.6, 5000]).told() == "4,200 (4,000–5,000)"  # noqa: RUF001
    assert Figure("rsvps", "cost", "µs", values=[0.71234]).told() == "0.712"


def test_values_of_one_row_gather_and_rows_keep_their_order() -> None:
    figures = Figures()
    for value in (1.0, 2.0):
        figures.add("rsvps", "b", value, "ms")
        figures.add("rsvps", "a", value, "ms", target="< 3")
    assert [(row.what, row.target, row.values) for row in figures.rows("rsvps")] == [
        ("b", "", [1.0, 2.0]),
        ("a", "< 3", [1.0, 2.0]),
    ]
    assert figures.rows("start") == []


def test_what_is_measured_again_replaces_its_own_and_leaves_the_rest() -> None:
    before = made(some(many=[1.0]), day=24)
    before["measurements"] = {**before["measurements"], "start": {"title": "Starting"}}  # type: ignore[dict-item]  # ours
    now = report.merged(before, made(some(many=[2.0])), ("start", "rsvps"))
    assert list(now["measurements"]) == ["start", "rsvps"]
    assert now["measurements"]["rsvps"]["date"] == "2026-11-25"
    assert now["measurements"]["rsvps"]["figures"][0]["values"] == [2.0]


def test_publishing_writes_the_part_between_the_markers_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n")
    for _ in range(2):
        report.publish(tmp_path, made(some(many=[4000.0, 4100.0, 3900.0], hot=[5000.0])), ("rsvps",))
    text = page.read_text()
    assert text.startswith("before\n\n")
    assert text.endswith("\n\nafter\n")
    assert "old" not in text
    assert text.count("| many: whole way | 4,000 (3,900–4,100) | RSVPs/s | 4,000 |") == 1  # noqa: RUF001
    assert "2026-11-25, `convene bench`, 3 times." in text
    kept = json.loads((tmp_path / "reports" / "bench.json").read_text())
    assert kept["measurements"]["rsvps"]["figures"][1]["values"] == [5000.0]
    assert "(images/bench-rates.svg)" in text
    drawn = ElementTree.fromstring((tmp_path / "images" / "bench-rates.svg").read_text())  # noqa: S314 - written by us
    tags = {str(one.tag).rpartition("}")[2] for one in drawn.iter()}
    assert "rect" in tags
    assert "script" not in tags


def test_the_terminal_shows_each_measurement_of_the_report() -> None:
    (table,) = shown(made(some(many=[4000.0, 4100.0, 3900.0])))
    assert table.title == "RSVPs"
    assert [list(column.cells) for column in table.columns] == [
        ["many: whole way"],
        ["4,000 (3,900–4,100)"],  # noqa: RUF001
        ["RSVPs/s"],
        ["4,000"],
    ]


def test_a_page_without_a_place_for_figures_is_left_alone() -> None:
    with pytest.raises(Unavailable):
        replaced("a page", "figures")


def test_cost_is_divided_by_what_was_done() -> None:
    spent = Spent({"events": 2.0, "events-relay": 1.0}, {"events-relay": 500.0})
    assert spent.each(1_000) == {"events": 2_000.0, "events-relay": 1_000.0, "all": 3_000.0}
    assert spent.record() == {"events-relay": 2_000.0}
