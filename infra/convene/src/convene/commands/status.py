"""``convene status``: what runs, and how it is."""

import asyncio
import json
from dataclasses import asdict
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from convene.commands.options import AsJson, Local
from convene.operating.health import Health, look
from convene.parts.trouble import Unavailable
from convene.stack.state import LOCAL, read_state


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def status(local: Local = LOCAL, as_json: AsJson = False) -> None:
        """Show every process with its health and progress; exits with 1 unless all are ready."""
        state = read_state(local)
        if state is None:
            raise Unavailable("Nothing is running here; start the platform with `make run`.")
        found = asyncio.run(look(state))
        if as_json:
            print(json.dumps([asdict(health) for health in found]))
        else:
            Console().print(_table(found))
        if not found or not all(health.ready for health in found):
            raise typer.Exit(1)


def waiting(progress: Any) -> str:
    """How long the oldest unprocessed thing of each part has waited."""
    parts = progress.items() if isinstance(progress, dict) else []
    seconds = {name: part.get("oldest_seconds") for name, part in parts if isinstance(part, dict)}
    return ", ".join(f"{name} {second:.1f} s" for name, second in seconds.items() if isinstance(second, int | float))


def _table(found: list[Health]) -> Table:
    table = Table("process", "pid", "address", "ready", "MB", "oldest waiting", box=None)
    for health in found:
        memory = "-" if health.memory_mb is None else f"{health.memory_mb:.0f}"
        ready = "[green]yes[/]" if health.ready else "[red]no[/]"
        table.add_row(health.name, str(health.pid), health.address, ready, memory, waiting(health.progress))
    return table
