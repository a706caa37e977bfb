"""``convene tail``: watch what happens."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from convene.acting.listening import happens, listening
from convene.acting.platform import Json, client, reach
from convene.commands.options import AsJson, Local
from convene.commands.plain import plain
from convene.stack.state import LOCAL


def register(app: typer.Typer) -> None:
    """Add the command."""
    tail = typer.Typer(no_args_is_help=True, help="Watch what happens.")
    app.add_typer(tail, name="tail")

    @tail.callback()
    def group() -> None:
        """Watch what happens."""

    @tail.command()
    def rsvps(
        count: Annotated[int, typer.Option(min=0, help="End after so many; 0: never.")] = 0,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Print public RSVPs as they come, one line each; Ctrl-C ends it."""
        with suppress(KeyboardInterrupt):
            asyncio.run(_tail(local, count, as_json=as_json))


def line(rsvp: Json) -> Text:
    """For people: the answer, who gave it, to what, and where."""
    member, event, group = rsvp["member"], rsvp["event"], rsvp["group"]
    guests = f" +{rsvp['guests']}" if rsvp["guests"] else ""
    said = f"{member['member_name'] or member['member_id']}  {event['event_name']}  "
    where = f"({group['group_name']}, {group['group_city']})"
    answer = (f"{rsvp['response']:>3}", "green" if rsvp["response"] == "yes" else "red")
    return Text.assemble(answer, f"{guests}  ", plain(said + where))


async def _tail(local: Path, count: int, *, as_json: bool) -> None:
    console = Console(highlight=False)
    seen = 0
    enough = asyncio.Event()

    def show(rsvp: Json) -> None:
        nonlocal seen
        if enough.is_set():
            return
        seen += 1
        if as_json:
            print(json.dumps(rsvp), flush=True)
        else:
            console.print(line(rsvp), soft_wrap=True)
        if count and seen >= count:
            enough.set()

    async with client() as http, listening(reach(local, http), show) as heard:
        await happens(enough, heard)
