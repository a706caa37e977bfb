"""``convene load``: a crowd with a ledger."""

import asyncio
import json
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from convene.acting.platform import client, reach
from convene.commands.options import AsJson, Local
from convene.load.costs import microseconds_each, processor_seconds
from convene.load.run import Setting, compare, prepare, send
from convene.operating.access import access
from convene.stack.state import LOCAL


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def load(
        requests: Annotated[int, typer.Option(min=1, max=1_000_000, help="RSVP requests in all.")] = 2000,
        events: Annotated[int, typer.Option(min=1, max=10_000)] = 20,
        members: Annotated[int, typer.Option(min=1, max=200_000)] = 400,
        capacity: Annotated[int, typer.Option(min=0, help="Seats per event; 0: no limit.")] = 50,
        at_once: Annotated[int, typer.Option(min=1, max=1024, help="Callers at the same time.")] = 128,
        cancel: Annotated[float, typer.Option(min=0, max=1, help="Share of requests that take an answer back.")] = 0.1,
        seed: Annotated[int, typer.Option(help="The same seed sends the same requests.")] = 7,
        joined: Annotated[bool, typer.Option(help="People are members before they RSVP.")] = False,
        mailed: Annotated[int, typer.Option(min=0, help="So many of them get mail.")] = 0,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Send a crowd, keep what it heard, compare it with all that is shown; exits with 1 unless each count is 0."""
        setting = Setting(events, members, requests, capacity or None, at_once, seed, cancel, joined, mailed)
        report = asyncio.run(run(local, setting, quiet=as_json))
        if as_json:
            print(json.dumps(report))
        else:
            console = Console(highlight=False)
            for name, value in report.items():
                console.print(f"{name.replace('_', ' '):>24}  {value}")
        if any(report["wrong"].values()):
            raise typer.Exit(1)


async def run(local: Path, setting: Setting, *, quiet: bool) -> dict[str, Any]:
    """One run, as figures: rates per second, times in milliseconds, and what went wrong by kind."""
    columns = (TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with client() as http:
        platform = reach(local, http)
        field = await prepare(platform, setting, token_hex(3))
        with Progress(*columns, disable=quiet) as progress:
            bar = progress.add_task("requests", total=setting.requests)
            before = processor_seconds(local)
            ledger = await send(platform, setting, field, lambda more: progress.advance(bar, more))
        done = processor_seconds(local)
        found = await compare(platform, access(local, "events").kafka, ledger, field)
    return {
        "requests": len(ledger.lines),
        "accepted": ledger.accepted,
        "accepted_per_second": round(ledger.accepted / ledger.seconds, 1),
        "p50_ms": round(ledger.percentile(0.5) * 1000, 1),
        "p99_ms": round(ledger.percentile(0.99) * 1000, 1),
        "cpu_us_while_sending": microseconds_each(before, done, ledger.accepted),
        "repeated_mails": found.repeated_mails,
        "wrong": found.wrong,
    }
