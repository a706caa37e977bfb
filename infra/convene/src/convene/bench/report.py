"""The report: every measurement with its date, its command and its values, and the pages that are made of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import psutil

from convene.bench.figures import Figures
from convene.bench.picture import pictures
from convene.bench.table import markdown, replaced

SHOWS = {
    "rates": "RSVPs a second",
    "processes": "Processor time for one RSVP by process",
    "growth": "Cost of an RSVP as data grows",
}


def made(figures: Figures, titles: Mapping[str, str], *, today: date, command: str, rounds: int) -> dict[str, Any]:
    """As JSON values. titles: of the measurements, by name."""
    how = {"date": today.isoformat(), "command": command, "rounds": rounds}
    memory = round(psutil.virtual_memory().total / 2**30)
    return {
        "machine": {"processors": psutil.cpu_count(), "memory_gib": memory},
        "measurements": {
            name: {"title": title, **how, "figures": figures.documents(name)} for name, title in titles.items()
        },
    }


def merged(before: Mapping[str, Any], now: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """What was measured now in place of what it replaces; the rest stays, with its own date and command."""
    measurements = {**before.get("measurements", {}), **now["measurements"]}
    return {**now, "measurements": {name: measurements[name] for name in order if name in measurements}}


def write(path: Path, report: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


def publish(docs: Path, now: Mapping[str, Any], order: Sequence[str]) -> None:
    """Into `reports/bench.json`, `images/bench-*.svg` and the generated part of `performance.md` of this folder."""
    kept = docs / "reports" / "bench.json"
    report = merged(json.loads(kept.read_text()) if kept.exists() else {}, now, order)
    page = docs / "performance.md"
    drawn = pictures(report)
    named = {SHOWS[name]: f"images/bench-{name}.svg" for name in drawn}
    text = replaced(page.read_text(), markdown(report, named))
    write(kept, report)
    (docs / "images").mkdir(exist_ok=True)
    for name, svg in drawn.items():
        (docs / "images" / f"bench-{name}.svg").write_bytes(svg)
    page.write_text(text)
