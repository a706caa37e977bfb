"""Decisions answered when the commands that follow from them have been decided: callers go on with what those leave."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from chassis.journal.command import Command
from chassis.journal.decision import Result
from chassis.journal.port import Journal

Decided = Callable[[Sequence[str]], Awaitable[list[str]]]
"""Waits, for a while, until these commands have been decided; what they said last, as in `Result.position`."""


async def run_followed(journal: Journal, decided: Decided, command: Command) -> tuple[Result, list[str]]:
    """The command's result, without the ids that its answer names in `follows`, and what those said last."""
    result = await journal.run(command)
    follows: list[str] = result.answer.get("follows", [])
    said = await decided(follows) if follows else []
    answer = {name: value for name, value in result.answer.items() if name != "follows"}
    return replace(result, answer=answer), said
