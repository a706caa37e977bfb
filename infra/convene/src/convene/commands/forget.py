"""``convene forget``: make what the journals hold of somebody's own text unreadable."""

import asyncio
from typing import Annotated

import typer

from chassis.journal import forget as forget_member
from convene.commands.options import Local
from convene.operating.access import accesses
from convene.stack.state import LOCAL


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def forget(
        member: Annotated[str, typer.Argument(help="The member's id.")],
        service: Annotated[str | None, typer.Option(help="Only in this one.")] = None,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        local: Local = LOCAL,
    ) -> None:
        """Delete a member's keys: what the journals hold of their own text can never be read again."""
        if not yes:
            typer.confirm(f"Make what the journals hold of {member} unreadable for ever?", abort=True)

        async def delete() -> dict[str, bool]:
            found: dict[str, bool] = {}
            for access in accesses(local, service):
                async with access.database() as database:
                    found[access.service] = await forget_member(database, member)
            return found

        for name, was_there in asyncio.run(delete()).items():
            print(f"{name}: {'forgotten' if was_there else 'had no key'}")
