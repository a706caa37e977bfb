"""``convene bench``: measure, print the table, publish it."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console

from convene.commands.options import AsJson, Local
from convene.parts.trouble import Unavailable
from convene.stack.state import LOCAL

WIDTH = 120


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def bench(
        names: Annotated[
            list[str] | None, typer.Argument(help="What to measure; everything when none is named.")
        ] = None,
        rounds: Annotated[int, typer.Option(min=1, max=100, help="How often each is measured.")] = 3,
        quick: Annotated[bool, typer.Option(help="Small sizes: shows that it works, measures nothing.")] = False,
        here: Annotated[bool, typer.Option(help="On the platform that runs in --local, not on a new one.")] = False,
        report: Annotated[Path | None, typer.Option(help="Write the values as JSON to this file.")] = None,
        publish: Annotated[Path | None, typer.Option(help="Write the figures into the pages of this folder.")] = None,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Measure this machine's figures of docs/performance.md, variants in turn, and print median and range of each.

        Needs the development environment. Starts its own platforms in temporary folders, and stops them.
        """
        if quick and publish is not None:
            raise Unavailable("Quick figures are not for publishing; leave out --quick or --publish.")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(_until_told(_measured(names or [], rounds, local if here else None, quick=quick)))
        if as_json:
            print(json.dumps(found))
        else:
            _show(found)
        if report is not None:
            _part("report").write(report, found)
        if publish is not None:
            _part("report").publish(publish, found, _part("run").ALL)


def _part(name: str) -> Any:
    """Of the benchmark, which an installation without the development environment cannot import."""
    return import_module(f"convene.bench.{name}")


async def _until_told(work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """SIGTERM ends it as Ctrl-C does: with all that was started stopped. Raises Unavailable then."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise Unavailable("The measurement was stopped; nothing was written.") from None


def _say(line: str) -> None:
    print(f"bench | {time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def _show(found: dict[str, Any]) -> None:
    console = Console(highlight=False, width=WIDTH)
    for table in _part("table").shown(found):
        console.print(table, "")


async def _measured(names: list[str], rounds: int, here: Path | None, *, quick: bool) -> dict[str, Any]:
    running, ground, sizes = _part("run"), _part("ground"), _part("sizes")
    wanted = running.chosen(names)
    bench = _part("measuring").Bench(sizes.QUICK if quick else sizes.FULL, rounds, _part("figures").Figures())
    made = partial(ground.standing, here) if here is not None else partial(ground.throwaway, traced=not quick)
    await running.run(bench, wanted, made, _say)
    titles = {name: str(running.module(name).TITLE) for name in wanted}
    command = " ".join(["convene", *sys.argv[1:]])
    found: dict[str, Any] = _part("report").made(
        bench.figures,
        titles,
        today=datetime.now(UTC).date(),  # noqa: TID251 - the day on which it was measured
        command=command,
        rounds=rounds,
    )
    return found
