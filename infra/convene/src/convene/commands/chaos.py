"""``convene chaos``: faults under load, on platforms of its own."""

import asyncio
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from chassis.clock import utc_now
from convene.chaos.judge import delays, problems
from convene.chaos.matrix import SCENARIOS, legs
from convene.chaos.play import play
from convene.chaos.report import Row, document, write
from convene.chaos.scenario import Scenario
from convene.commands.options import AsJson
from convene.parts.trouble import Unavailable

FOLDER = Path(".local/chaos")


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def chaos(
        rows: Annotated[str, typer.Option(help="Only these rows of the matrix: 1,2,3.")] = "",
        only: Annotated[str, typer.Option(help="Only these scenarios, by name.")] = "",
        seed: Annotated[int, typer.Option(min=0, help="The same seed does the same faults at the same requests.")] = 1,
        faults: Annotated[int, typer.Option(min=0, help="Instead: so many of any kind.")] = 0,
        requests: Annotated[int, typer.Option(min=1, help="With --faults: over so many RSVPs.")] = 200_000,
        report: Annotated[Path | None, typer.Option(help="Keep it here, as Markdown and as JSON.")] = None,
        folder: Annotated[Path, typer.Option(help="Where platforms are made; what goes wrong stays.")] = FOLDER,
        as_json: AsJson = False,
    ) -> None:
        """Play each scenario on a new platform under load; exits with 1 unless everything holds, and in time.

        The platform of `make run` is left alone.
        """
        chosen = legs(faults, requests, seed) if faults else [(scenario, seed) for scenario in choose(rows, only)]
        found = asyncio.run(play_all(chosen, folder, quiet=as_json))
        if report is not None:
            write(report, found, on=utc_now().date().isoformat(), command=_command(rows, only, seed, faults, requests))
        if as_json:
            print(json.dumps(document(found)))
        if any(row.problems or row.delays for row in found):
            raise typer.Exit(1)


def choose(rows: str, only: str) -> list[Scenario]:
    """Those that are named, or have one of the rows; all without either. Raises Unavailable when there is none such."""
    numbers = {int(row) for row in rows.split(",") if row.strip().isdigit()}
    names = {name.strip() for name in only.split(",") if name.strip()}
    found = [
        scenario
        for scenario in SCENARIOS
        if not (rows or only) or numbers & set(scenario.rows) or scenario.name in names
    ]
    if not found:
        raise Unavailable(f"There is no such scenario; there are {', '.join(one.name for one in SCENARIOS)}.")
    return found


async def play_all(chosen: Iterable[tuple[Scenario, int]], folder: Path, *, quiet: bool) -> list[Row]:
    """One after another. One that cannot be played is a failure too, and the next one begins."""
    rows: list[Row] = []
    for scenario, seed in chosen:
        row = await _one(scenario, seed, folder / f"{scenario.name}-{seed}", quiet=quiet)
        rows.append(row)
        if not quiet:
            print(
                f"{scenario.name}, seed {seed}: {'; '.join((*row.problems, *row.delays)) or 'as promised'}", flush=True
            )
    return rows


async def _one(scenario: Scenario, seed: int, folder: Path, *, quiet: bool) -> Row:
    def say(line: str) -> None:
        if not quiet:
            print(line, flush=True)

    shutil.rmtree(folder, ignore_errors=True)
    try:
        played = await play(scenario, seed, folder, say)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is in the report, and the others are played
        return Row(scenario, seed, None, [f"could not be played: {_why(error)}"], [])
    row = Row(scenario, seed, played, problems(scenario, played), delays(scenario, played))
    if not row.problems:
        shutil.rmtree(folder)
    return row


def _why(error: BaseException) -> str:
    """Of a group of errors its first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"[:300]


def _command(rows: str, only: str, seed: int, faults: int, requests: int) -> str:
    words = ["convene chaos"]
    if faults:
        words.append(f"--faults {faults} --requests {requests}")
    words += [f"--rows {rows}"] if rows else []
    words += [f"--only {only}"] if only else []
    return " ".join([*words, f"--seed {seed}"])
