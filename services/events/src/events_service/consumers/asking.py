"""Commands that messages cause: a redelivery makes the same one."""

from typing import Any, Final

from chassis.consumers import Received
from chassis.journal import Command, Source, consumed_command_id
from events_service.handlers.port import Ask

CONSUMER: Final = "events"


def asked_by(received: Received[Any], *, first: bool = False) -> Ask:
    """The port through which handlers make the command of a message. first: it goes before newcomers."""

    def ask(*, name: str, aggregate: str, body: dict[str, Any]) -> Command:
        return Command(
            id=consumed_command_id(CONSUMER, received.source, received.id, aggregate, name),
            name=name,
            aggregate=aggregate,
            body=body,
            actor=received.actor,
            source=Source(received.topic, received.subject, received.sequence),
            first=first,
            trace=received.trace,
        )

    return ask
