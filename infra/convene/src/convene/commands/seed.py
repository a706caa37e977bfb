"""``convene seed``: groups, evenings and people in real cities."""

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from convene.acting.many import AT_ONCE
from convene.acting.platform import client, reach
from convene.acting.seed import EVENTS_PER_GROUP, Seeded, seed
from convene.commands.bars import bars
from convene.commands.options import AsJson, Local
from convene.stack.state import LOCAL


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(name="seed")
    def seed_command(
        cities: Annotated[int, typer.Option(min=1, max=2000, help="One group in each.")] = 130,
        members: Annotated[int, typer.Option(min=0, max=1_000_000)] = 7000,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Build groups with events in real cities, and people who join them; running it again changes nothing."""
        made = asyncio.run(sow(local, cities, members, quiet=as_json))
        counts = {"groups": len(made.groups), "events": len(made.events), "members": made.members}
        print(json.dumps(counts) if as_json else ", ".join(f"{number} {what}" for what, number in counts.items()))


def today() -> date:
    return datetime.now(UTC).date()  # noqa: TID251 - a command line lives in real time


async def sow(local: Path, cities: int, members: int, *, quiet: bool) -> Seeded:
    """Seed the running platform, with a bar for each kind of thing."""
    totals = {"groups": cities, "events": cities * EVENTS_PER_GROUP, "members": members}
    with bars(totals, quiet=quiet) as step:
        async with client(AT_ONCE) as http:
            platform = reach(local, http)
            return await seed(platform, number=cities, members=members, today=today(), step=step)
