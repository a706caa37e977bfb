"""``convene reconcile``: do the books agree?"""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from convene.commands.options import AsJson, Local
from convene.commands.plain import plain
from convene.operating.access import accesses
from convene.stack.state import LOCAL


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def reconcile(
        service: Annotated[str | None, typer.Option(help="Only this one.")] = None,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Let each service prove its books, and add them up; exits with 1 when anything is damaged.

        "behind" is work under way: it is 0 once nobody does anything any more. "confirmed" is the batch up to which a
        lane's journal and topics were found to agree.
        """
        found = {access.service: access.act("reconcile") for access in accesses(local, service)}
        if as_json:
            print(json.dumps(found))
        else:
            Console().print(_table(found))
            Console().print(_confirmed(found))
        if not all(report["sound"] for report in found.values()):
            raise typer.Exit(1)


def _table(found: dict[str, dict[str, Any]]) -> Table:
    table = Table("service", "what must be 0", "count", "for example", box=None)
    for service, report in found.items():
        for kind in ("damage", "behind"):
            for what, count in report[kind].items():
                colour = "green" if not count else "red" if kind == "damage" else "yellow"
                named = ", ".join(report["examples"].get(what, ()))
                table.add_row(service, f"{what.replace('_', ' ')} ({kind})", f"[{colour}]{count}[/]", plain(named))
    return table


def _confirmed(found: dict[str, dict[str, Any]]) -> Table:
    table = Table("service", "lane", "confirmed", box=None)
    for service, report in found.items():
        for lane, n in report["confirmed"].items():
            table.add_row(service, lane, str(n))
    return table
