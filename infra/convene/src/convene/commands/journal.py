"""``convene journal``: how the journals stand, and their lanes."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chassis.journal.generation import Contended, Stopped
from convene.commands.options import AsJson, Local
from convene.operating.access import access, accesses
from convene.operating.lanes import Lane, change, lanes
from convene.parts.trouble import Unavailable
from convene.stack.state import LOCAL

Service = Annotated[str, typer.Argument(help="groups, events or notifications.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    journal = typer.Typer(no_args_is_help=True, help="Look at the services' journals and change their lanes.")
    app.add_typer(journal, name="journal")

    @journal.callback()
    def group() -> None:
        """Look at the services' journals and change their lanes."""

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
        table = Table("service", "lane", "last batch", "published", "trimmed", "held", "handoffs", "", box=None)
        for lane in found:
            held = "[green]yes[/]" if lane.held else "[red]no[/]"
            published = "-" if lane.published is None else str(lane.published)
            table.add_row(
                lane.service,
                lane.lane,
                str(lane.batches),
                published,
                str(lane.trimmed or "-"),
                held,
                str(lane.waiting),
                f"[red]{lane.stopped}[/]" if lane.stopped else "",
            )
        Console().print(table)

    @journal.command(name="lanes")
    def lanes_(
        service: Service,
        number: Annotated[int, typer.Argument(min=1, max=8)],
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Change a service's number of lanes, while it runs: the old ones end, the new ones begin at once."""
        try:
            found = asyncio.run(change(access(local, service), number))
        except (Stopped, Contended) as error:
            raise Unavailable(str(error)) from error
        if as_json:
            print(json.dumps({"service": service, "lanes": found.lanes, "generation": found.number}))
        else:
            print(f"{service} has {found.lanes} lanes, generation {found.number}.")

    @journal.command()
    def new_generation(service: Service, local: Local = LOCAL, as_json: AsJson = False) -> None:
        """Let a service go on after its database was restored and Kafka holds more than its journal."""
        done = access(local, service).act("new-generation")
        print(json.dumps(done) if as_json else ", ".join(f"{name}: {value}" for name, value in done.items()))
