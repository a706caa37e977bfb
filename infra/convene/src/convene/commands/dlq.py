"""``convene dlq``: messages that could not be applied."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from chassis import dead_letters
from chassis.mongo import Database, Document
from convene.commands.options import AsJson, Local
from convene.commands.plain import plain
from convene.operating.access import Access, access, accesses
from convene.parts.trouble import Unavailable
from convene.stack.state import LOCAL

T = TypeVar("T")
Service = Annotated[str, typer.Argument(help="groups, events or notifications.")]
Record = Annotated[str, typer.Argument(help="The id that `convene dlq list` shows.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    dlq = typer.Typer(no_args_is_help=True, help="Look at messages that could not be applied, replay or drop them.")
    app.add_typer(dlq, name="dlq")

    @dlq.command(name="list")
    def list_(
        service: Annotated[str | None, typer.Option(help="Only this one.")] = None,
        topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Show the messages that hold others up, and those that nobody can place."""

        async def look(database: Database) -> list[Document]:
            return await dead_letters.list_parked(database, topic=topic)

        found = {one.service: asyncio.run(_in(one, look)) for one in accesses(local, service)}
        if as_json:
            print(json.dumps(found, default=str))
        else:
            Console().print(_table(found))

    @dlq.command()
    def show(service: Service, record: Record, local: Local = LOCAL, as_json: AsJson = False) -> None:
        """Print one message whole; it is JSON in any case, with --json on one line."""

        async def look(database: Database) -> Document:
            return await dead_letters.show(database, record)

        found = _found(access(local, service), look)
        print(json.dumps(found, default=str, indent=None if as_json else 2))

    @dlq.command()
    def replay(
        service: Service,
        record: Record,
        past_gap: Annotated[bool, typer.Option(help="Go on without the messages missing before it.")] = False,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Apply it again, and in order what waits behind it."""

        async def ask(database: Database) -> Document | None:
            request = await dead_letters.request_replay(database, record, past_gap=past_gap)
            return await dead_letters.outcome(database, request)

        _tell(_found(access(local, service), ask), as_json)

    @dlq.command()
    def drop(service: Service, record: Record, local: Local = LOCAL, as_json: AsJson = False) -> None:
        """Give it up, and apply what waits behind it."""

        async def ask(database: Database) -> Document | None:
            return await dead_letters.outcome(database, await dead_letters.request_drop(database, record))

        _tell(_found(access(local, service), ask), as_json)


async def _in(one: Access, work: Callable[[Database], Awaitable[T]]) -> T:
    async with one.database() as database:
        return await work(database)


def _found(one: Access, work: Callable[[Database], Awaitable[Any]]) -> Any:
    try:
        return asyncio.run(_in(one, work))
    except dead_letters.NotParked as missing:
        raise Unavailable(f"The {one.service} service has no parked message {missing}.") from None


def _tell(outcome: Document | None, as_json: bool) -> None:
    """Exits with 1 when nobody carried the request out, or when it was refused."""
    if as_json:
        print(json.dumps(outcome, default=str))
    elif outcome is None:
        print("Asked for; no consumer has carried it out yet.")
    else:
        print(", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in outcome.items()))
    if outcome is None or "refused" in outcome:
        raise typer.Exit(1)


def _table(found: dict[str, list[Document]]) -> Table:
    table = Table("service", "id", "topic", "subject", "sequence", "reason", "tries", "behind", box=None)
    for service, rows in found.items():
        for row in rows:
            cells = (
                row["id"],
                row["topic"],
                row["subject"] or "-",
                row["sequence"],
                row["reason"],
                row["tries"],
                row["behind"],
            )
            table.add_row(service, *(plain(str(cell)) for cell in cells))
    return table
