"""The journal's steps in the traces of the commands it decides."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from hashlib import sha256

from chassis import telemetry
from chassis.journal.command import Command


def recorded(command: Command) -> bool:
    return telemetry.recorded(command.trace)


def begun(command: Command) -> Command:
    """The command with a trace: what comes without one, as from a worker, begins its own, of which nothing is recorded.
    By its id, so that it is the same however often the command is decided."""
    if command.trace is not None:
        return command
    ids = sha256(command.id.encode()).hexdigest()
    return replace(command, trace=f"00-{ids[:32]}-{ids[32:48]}-00")


@contextmanager
def deciding(command: Command) -> Iterator[Command]:
    """The command with this step as its trace, so that its messages and children hang below it."""
    with telemetry.span(f"decide {command.name}", command.trace, aggregate=command.aggregate):
        yield replace(command, trace=telemetry.current_traceparent())


@contextmanager
def committing(commands: Sequence[Command]) -> Iterator[None]:
    """What all of a batch wait for, as a step of each one's trace. None of the steps becomes the current one."""
    with ExitStack() as stack:
        for command in commands:
            if command.trace is not None and recorded(command):
                step = telemetry.tracer().start_span(
                    "commit", telemetry.remote(command.trace), attributes={"commands": len(commands)}
                )
                stack.callback(step.end)
        yield
