"""``convene logs``: what the processes wrote."""

import asyncio
import contextlib
import json
from collections import deque
from pathlib import Path
from typing import Annotated

import typer

from convene.commands.options import AsJson, Local
from convene.parts.trouble import Unavailable
from convene.stack.follow import Follower
from convene.stack.state import LOCAL


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def logs(
        names: Annotated[list[str] | None, typer.Argument(help="Processes, as `convene status` names them.")] = None,
        follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added.")] = False,
        lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="So many last lines of each.")] = 20,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Show the last lines of the logs, of all processes or of those named."""
        folder = local / "logs"
        found = sorted(path.stem for path in folder.glob("*.log"))
        wanted = names or found
        missing = [name for name in wanted if name not in found]
        if missing or not found:
            raise Unavailable(
                f"No log of {', '.join(missing) or 'anything'} in {folder}; there are {', '.join(found)}."
            )
        last = {name: last_lines(folder / f"{name}.log", lines) for name in wanted}
        if as_json:
            print(json.dumps(last))
            return
        for name, texts in last.items():
            for text in texts:
                print(f"{name} | {text}")
        if follow:
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(Follower(folder, wanted).run())


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a file of bounded size."""
    with path.open(errors="replace") as file:
        return [line.rstrip("\n") for line in deque(file, maxlen=count)]
