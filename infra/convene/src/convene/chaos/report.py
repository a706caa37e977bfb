"""The report: everything as JSON, and a page with one table of scenarios and one of recoveries."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from convene.chaos.scenario import Happened, Played, Scenario

COLUMNS = (
    *("scenario", "rows", "seed", "faults", "accepted", "refused", "unknown"),
    *("wrong", "repeated mails", "RSVPs/s", "calm", "verdict"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A scenario, what came of it (None: it could not be played), what is wrong, and what took too long."""

    scenario: Scenario
    seed: int
    played: Played | None
    problems: list[str]
    delays: list[str]

    @property
    def verdict(self) -> str:
        if self.problems:
            return "**wrong**"
        return "right, but slow" if self.delays else "as promised"


def write(path: Path, rows: Sequence[Row], *, on: str, command: str) -> None:
    """`path` is the page's; the JSON stands beside it. on: a date; command: what makes it again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".json").write_text(json.dumps({"on": on, "command": command, **document(rows)}, indent=1) + "\n")
    path.write_text(page(rows, on=on, command=command))


def document(rows: Sequence[Row]) -> dict[str, Any]:
    """For programs."""
    return {
        "clean": all(row.verdict == "as promised" for row in rows),
        "scenarios": [
            {
                "name": row.scenario.name,
                "rows": row.scenario.rows,
                "seed": row.seed,
                "problems": row.problems,
                "delays": row.delays,
                "played": asdict(row.played) if row.played else None,
            }
            for row in rows
        ],
    }


def page(rows: Sequence[Row], *, on: str, command: str) -> str:
    """For people, in Markdown."""
    played = [row.played for row in rows if row.played]
    faults = sum(len(one.happened) for one in played)
    requests = sum(sum(one.requests.values()) for one in played)
    bad = sum(bool(row.problems) for row in rows)
    slow = sum(row.verdict == "right, but slow" for row in rows)
    busy = max((one.busy for one in played), default=0.0)
    lines = [
        "# Faults under load",
        "",
        f"`{command}`, {on}: {faults} faults over {requests:,} requests, {len(rows)} scenarios,",
        f"{bad or 'none'} of them wrong, {slow or 'none'} too slow to recover. Load average of the machine, all it did",
        f"included: up to {busy:g}. Everything, fault by fault, is in the JSON beside this page.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|{' --- |' * len(COLUMNS)}",
        *map(_line, rows),
        "",
        "`wrong` adds up all that must be 0: lost, oversold, doubled, inverted, stuck, answers that contradict each",
        "other, and books that do not settle. RSVPs/s: the median of the rounds, faults included; calm: of a round",
        "without any, as fast as the load can go.",
        "",
        "## Recovery",
        "",
        "Seconds from when a fault's cause was gone, median (longest): until every process was ready, until an RSVP",
        "sent then was answered, until it was in the inbox. Starting everything again counts for `everything`.",
        "",
        "| fault | times | ready | answered | in the inbox |",
        "| --- | --- | --- | --- | --- |",
        *_recoveries(happened for one in played for happened in one.happened),
        "",
    ]
    for row in rows:
        said = (*row.problems, *row.delays)
        lines += [f"- {row.scenario.name}, seed {row.seed}: {sentence}" for sentence in said]
    return "\n".join(lines).rstrip() + "\n"


def _line(row: Row) -> str:
    name, rows = row.scenario.name, ", ".join(map(str, row.scenario.rows))
    played = row.played
    if played is None:
        return f"| {name} | {rows} | {row.seed} | | | | | | | | | {row.verdict} |"
    counted = [played.requests.get(outcome, 0) for outcome in ("accepted", "refused", "unknown")]
    wrong = sum(played.wrong.values()) + played.other_answers + (not played.settled)
    accepted, refused, unknown = (f"{count:,}" for count in counted)
    calm = "" if played.calm is None else f"{played.calm:,.0f}"
    return (
        f"| {name} | {rows} | {row.seed} | {len(played.happened)} | {accepted} | {refused} | {unknown} | {wrong} "
        f"| {played.repeated_mails} | {median(played.rates):,.0f} | {calm} | {row.verdict} |"
    )


def _recoveries(happened: Iterable[Happened]) -> Iterable[str]:
    """By what was done to whom."""
    alike: dict[str, list[Happened]] = defaultdict(list)
    for one in happened:
        alike[f"{one.fault.kind} {one.victim}"].append(one)
    for name, some in sorted(alike.items()):
        cells = (_times([getattr(one, what) for one in some]) for what in ("ready_s", "answered_s", "told_s"))
        yield f"| {name} | {len(some)} | {' | '.join(cells)} |"


def _times(seconds: Sequence[float | None]) -> str:
    known = [second for second in seconds if second is not None]
    if len(known) < len(seconds):
        return f"never ({len(seconds) - len(known)})"
    return f"{median(known):.1f} ({max(known):.1f})"
