"""``convene demo``: a community acted out, and counted."""

import asyncio
import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from secrets import token_hex
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convene.acting.acts import ACTS
from convene.acting.counting import Count, counts
from convene.acting.listening import listening
from convene.acting.platform import Json, client, reach
from convene.acting.story import Stage
from convene.commands.bars import bars
from convene.commands.options import AsJson, Local
from convene.commands.plain import plain
from convene.commands.seed import sow, today
from convene.growing.act import Growth, grows
from convene.growing.pace import Pace
from convene.stack.state import LOCAL


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def demo(
        cities: Annotated[int, typer.Option(min=0, help="Seed so many cities first; 0: none.")] = 130,
        members: Annotated[int, typer.Option(min=0, help="People to seed.")] = 7000,
        growth: Annotated[
            int, typer.Option(min=0, max=200_000, help="Members that a study group grows to; 0: it is not played.")
        ] = 7000,
        reads: Annotated[int, typer.Option(min=1, max=10_000, help="Of each kind, timed at each of its sizes.")] = 300,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Act a community out on a running platform; exits with 1 when a count does not agree."""
        console = Console(quiet=as_json, highlight=False)
        if cities:
            console.rule("A network's worth of groups")
            asyncio.run(sow(local, cities, members, quiet=as_json))
        found, paces = asyncio.run(act(local, console, today(), Growth(growth, reads=reads) if growth else None))
        if as_json:
            counted = [{"what": one.what, "told": one.told, "found": one.found} for one in found]
            print(json.dumps({"counts": counted, "reads": [asdict(pace) for pace in paces]}))
        else:
            console.print(_table(found))
            if paces:
                console.print(_paces(paces))
        if not all(one.agrees for one in found):
            raise typer.Exit(1)


async def act(local: Path, console: Console, day: date, growth: Growth | None) -> tuple[list[Count], list[Pace]]:
    """All acts, one after another, with the stream read beside them; growth: of the last one, None: without it."""

    def show(rsvp: Json) -> None:
        name = rsvp["member"]["member_name"] or "somebody"
        said = plain(f"{name}: {rsvp['response']} to {rsvp['event']['event_name']}")
        console.print(Text.assemble("    ", ("stream", "cyan"), "  ", said))

    async with client() as http, listening(reach(local, http), show) as heard:
        stage = Stage(reach(local, http), heard, lambda line: console.print(f"  {line}"), token_hex(3))
        events, found, paces = [], [], []
        for act_ in ACTS:
            console.rule((act_.__doc__ or "").strip())
            events.append(await act_(stage, day))
        if growth is not None:
            console.rule((grows.__doc__ or "").strip())
            with bars(growth.totals, quiet=console.quiet, console=console) as step:
                grown = await grows(stage, day, growth, step)
            events.append(grown.event_id)
            found, paces = grown.counts, grown.paces
        console.rule("What was told, and what is there")
        return [*found, *await counts(stage, events)], paces


def _paces(paces: list[Pace]) -> Table:
    table = Table("read", "members", "p50", "p99", "requests", box=None)
    for one in paces:
        table.add_row(one.read, f"{one.members:,}", f"{one.p50_ms:.1f} ms", f"{one.p99_ms:.1f} ms", str(one.requests))
    return table


def _table(found: list[Count]) -> Table:
    table = Table("what", "told", "found", "", box=None)
    for one in found:
        mark = "[green]agrees[/]" if one.agrees else "[red]DIFFERS[/]"
        table.add_row(one.what, _words(one.told), _words(one.found), mark)
    return table


def _words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{number} {kind}" for kind, number in sorted(value.items()))
    return str(value)
