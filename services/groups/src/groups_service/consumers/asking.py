"""Commands that messages cause: a redelivery makes the same one."""

from typing import Any, Final

from chassis.consumers import Received
from chassis.journal import Command, Source, consumed_command_id
from groups_service.handlers.port import Ask

CONSUMER: Final = "groups"


def asked_by(received: Received[Any]) -> Ask:
    """The port through which handlers make the command of a message."""

    def ask(*, name: str, aggregate: str, body: dict[str, Any]) -> Command:
        return Command(
            id=consumed_command_id(CONSUMER, received.source, received.id, aggregate, name),
            name=name,
            aggregate=aggregate,
            body=body,
            actor=received.actor,
            source=Source(received.topic, received.subject, received.sequence),
            trace=received.trace,
        )

    return ask
