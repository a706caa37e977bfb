"""One consumer group of a service: all its topics, in batches, through FastStream."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chassis.consumers.message import Subscription
from chassis.mongo import Database

if TYPE_CHECKING:
    from chassis.kafka import KafkaSettings


class Consumers:
    """A part of a process: reads the subscriptions' topics as one group and applies their messages.

    name: tells the groups of one service apart; a topic belongs to one group of a service.
    lanes, generation: of this service's journal, for the commands it hands over.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        kafka: "KafkaSettings",
        subscriptions: Sequence[Subscription],
        *,
        name: str = "consumer",
        lanes: int = 1,
        generation: int = 0,
    ) -> None:
        self.service = service
        self.database = database
        self.kafka = kafka
        self.subscriptions = {subscription.topic: subscription for subscription in subscriptions}
        self.name = name
        self.lanes = lanes
        self.generation = generation

    async def start(self) -> None:
        """Start reading. Raises UnsafeSubscriber when a subscriber could lose messages."""

    async def stop(self) -> None:
        """Finish the batch in hand, or leave it for redelivery when that takes too long."""

    def progress(self) -> dict[str, Any]:
        """For /health/progress."""
        return {}


async def prepare(database: Database) -> None:
    """Make the collections and indexes of the consuming side; safe to run again."""
