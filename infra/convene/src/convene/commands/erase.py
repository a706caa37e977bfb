"""``convene erase``: have a member forgotten by all services."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from convene.commands.options import AsJson, Local
from convene.operating.access import access
from convene.stack.plan import SERVICES
from convene.stack.state import LOCAL


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def erase(
        member: Annotated[str, typer.Argument(help="The member's id.")],
        within: Annotated[float, typer.Option(min=1, help="Seconds to wait for the receipts.")] = 120,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Have a member forgotten at once by all services, and wait until each says that it has.

        Exits with 1, naming who is missing, when one has not in time; it goes on all the same.
        """
        if not yes:
            typer.confirm(f"Forget {member} everywhere, for ever?", abort=True)
        last = _follow(local, member, within, quiet=as_json)
        missing = last.get("missing", list(SERVICES))
        if as_json:
            print(json.dumps(last))
        elif missing:
            print(f"After {within:g} s {member} is not forgotten yet by {', '.join(missing)}; it goes on.")
        else:
            print(f"{member} is forgotten{'' if last['known'] else '; groups knew nobody of that id'}.")
        if missing:
            raise typer.Exit(1)


def _follow(local: Path, member: str, within: float, *, quiet: bool) -> dict[str, Any]:
    """The last that was heard of it; nothing when nobody answered in time."""
    last: dict[str, Any] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, disable=quiet) as progress:
        bar = progress.add_task("receipts", total=len(SERVICES))
        for last in access(local, "groups").follow("erase", member, within=within):
            progress.update(bar, completed=len(SERVICES) - len(last["missing"]))
    return last
