"""``convene journal``: how the journals stand."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from convene.commands.options import AsJson, Local
from convene.operating.access import accesses
from convene.operating.lanes import Lane, lanes
from convene.stack.state import LOCAL


def register(app: typer.Typer) -> None:
    """Add the command."""
    journal = typer.Typer(no_args_is_help=True, help="Look at the services' journals.")
    app.add_typer(journal, name="journal")

    @journal.callback()
    def group() -> None:
        """Look at the services' journals."""

    @journal.command()
    def status(
        service: Annotated[str | None, typer.Option(help="Only this one.")] = None,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Show each lane: last batch, how far published and trimmed, whether it is held, and what waits for it."""

        async def look() -> list[Lane]:
            return [lane for access in accesses(local, service) for lane in await lanes(access)]

        found = asyncio.run(look())
        if as_json:
            print(json.dumps([{**asdict(lane), "unpublished": lane.unpublished} for lane in found]))
            return
        table = Table("service", "lane", "last batch", "published", "trimmed", "held", "handoffs", box=None)
        for lane in found:
            held = "[green]yes[/]" if lane.held else "[red]no[/]"
            published = "-" if lane.published is None else str(lane.published)
            trimmed, waiting = str(lane.trimmed or "-"), str(lane.waiting)
            table.add_row(lane.service, lane.lane, str(lane.batches), published, trimmed, held, waiting)
        Console().print(table)
