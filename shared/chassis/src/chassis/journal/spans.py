"""The journal's steps in the traces of the commands it decides."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from chassis import telemetry
from chassis.journal.command import Command


def recorded(command: Command) -> bool:
    return command.trace is not None and command.trace.endswith("-01") and telemetry.on()


@contextmanager
def deciding(command: Command) -> Iterator[Command]:
    """The command with this step as its trace, so that its messages and children hang below it."""
    with telemetry.span(f"decide {command.name}", command.trace, aggregate=command.aggregate):
        yield replace(command, trace=telemetry.current_traceparent())


@contextmanager
def committing(commands: Sequence[Command]) -> Iterator[None]:
    """One step for a whole batch, linked to those it serves."""
    links = [command.trace for command in commands if command.trace is not None and recorded(command)]
    if not links:
        yield
        return
    with telemetry.span("commit batch", links=links, commands=len(commands)):
        yield
