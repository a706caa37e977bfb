"""What handlers need from the outside: somebody who decides commands, and somebody who says whose command it is.

The journal itself is the one; the other is where the wish came in, a request or a message.
"""

from typing import Any, Protocol

from chassis.journal.command import Command
from chassis.journal.decision import Result


class Journal(Protocol):
    """Decides commands, each once."""

    async def run(self, command: Command, *, deadline: float = 8.0) -> Result:
        """The decision's result. Raises Busy, Unknown or Mismatch (chassis.journal.outcome)."""


class Ask(Protocol):
    """Makes the caller's command: its id, actor and trace come from where the wish came in."""

    def __call__(self, *, name: str, aggregate: str, body: dict[str, Any]) -> Command: ...
