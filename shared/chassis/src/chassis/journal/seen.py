"""What a caller knew of a resource when they wished for a change: the versions in If-Match (RFC 9110, 13.1.1)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from chassis.journal.command import Command
from chassis.journal.decision import Outcome

Seen = int | list[int]
"""One version, or any of several; none of them: whichever there is, as long as there is one."""

SEEN = "seen"
"""In the body of a command that says so."""

State = TypeVar("State")


def version_seen(seen: Seen, version: int) -> int:
    """The version that is there, if it is one of those seen, else another one. version: 0 = there is nothing."""
    if isinstance(seen, int):
        return seen
    if version in seen or (version and not seen):
        return version
    return seen[0] if seen else version + 1


def as_seen(
    decide: Callable[[State, Command, datetime], Outcome[State]], version_of: Callable[[State, Command], int]
) -> Callable[[State, Command, datetime], Outcome[State]]:
    """The same decision, refused where it would change another version than the caller has seen, if they say which.
    Who may not change it at all is told that first, and no version. version_of: what is there, 0 for nothing."""

    def decided(state: State, command: Command, now: datetime) -> Outcome[State]:
        outcome = decide(state, command, now)
        if SEEN not in command.body or outcome.refused is not None:
            return outcome
        seen: Any = command.body[SEEN]
        version = version_of(state, command)
        if version_seen(seen, version) == version:
            return outcome
        return Outcome(state, refused="stale-version", detail=f"It is at version {version} by now.")

    return decided
