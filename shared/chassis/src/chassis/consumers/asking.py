"""Commands that messages cause: a redelivery makes the same one."""

from typing import Any

from chassis.consumers.message import Received
from chassis.journal.command import Command, Source, consumed_command_id
from chassis.journal.port import Ask


def asked_by(consumer: str, received: Received[Any], *, first: bool = False) -> Ask:
    """The port through which handlers make the command of a message.

    consumer: the service that takes it in; its name is in the command's id. first: it goes before newcomers.
    """

    def ask(*, name: str, aggregate: str, body: dict[str, Any]) -> Command:
        return Command(
            id=consumed_command_id(consumer, received.source, received.id, aggregate, name),
            name=name,
            aggregate=aggregate,
            body=body,
            actor=received.actor,
            source=Source(received.topic, received.subject, received.sequence),
            first=first,
            trace=received.trace,
        )

    return ask
