"""The relay as a part of a process: one lane relay per lane to be published, woken by the journal's inserts."""

import asyncio
from collections.abc import Mapping

import structlog

from chassis.doorbell import hear
from chassis.journal.generation import unpublished_lanes
from chassis.journal.keyring import Keyring
from chassis.journal.schema import verify
from chassis.journal.shape import JOURNAL
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, errors
from chassis.relay.lane import LaneRelay
from chassis.sealing import Sealer
from contracts.registry import Topic, topics

FOLLOW_SECONDS = 0.5

log = structlog.get_logger(__name__)


class Relay:
    """Publishes a service's journal. Several processes may run it; one at a time works on a lane."""

    def __init__(
        self,
        database: Database,
        kafka: KafkaSettings,
        service: str,
        *,
        lease_seconds: float = 5.0,
        registry: Mapping[str, Topic] | None = None,
        secret: Sealer | None = None,
    ) -> None:
        """secret: what members' keys are sealed under."""
        self._keyring = Keyring(database, secret)
        self._database = database
        self._kafka = kafka
        self._service = service
        self._lease_seconds = lease_seconds
        self._registry = registry or topics()
        self._relays: list[LaneRelay] = []
        self._working: list[asyncio.Task[None]] = []
        self._watching: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to compete for the lanes; Kafka may be away. Raises NotPrepared."""
        await verify(self._database)
        await self._begin()
        self._watching = [
            asyncio.create_task(hear(self._database[JOURNAL], self.ring), name="relay doorbell"),
            asyncio.create_task(self._follow(), name="relay lanes"),
        ]

    @property
    def tasks(self) -> "list[asyncio.Task[None]]":
        """What the process cannot live without. A lane's relay may stop for good, with its alarm set."""
        return self._watching

    def ring(self) -> None:
        """A batch was committed in this process."""
        for relay in self._relays:
            relay.ring()

    async def stop(self) -> None:
        """Finish the transaction under way, let the lanes go."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        for relay in self._relays:
            relay.stop()
        if self._working:
            _, late = await asyncio.wait(self._working, timeout=10)
            for task in late:
                task.cancel()

    def held(self) -> int:
        """How many lanes this process publishes now."""
        return sum(relay.lease.held for relay in self._relays)

    async def oldest_seconds(self) -> float:
        """Age of the oldest batch that this process knows to be unpublished, by the database's clock."""
        oldest = [relay.oldest for relay in self._relays if relay.oldest is not None]
        if not oldest:
            return 0.0
        clock = (await self._database.command({"hello": 1}))["localTime"]
        return max(0.0, float((clock - min(oldest)).total_seconds()))

    async def _begin(self) -> None:
        """Work on the lanes that are next, unless they are the ones already worked on."""
        lanes = await unpublished_lanes(self._database)
        if [relay.lane for relay in self._relays] == [lane for lane, _ in lanes]:
            return
        for relay in self._relays:
            relay.stop()
        if self._working:
            await asyncio.wait(self._working)
        self._relays = [
            LaneRelay(
                self._database,
                self._kafka,
                self._service,
                self._registry,
                lane,
                index,
                self._keyring,
                self._lease_seconds,
            )
            for lane, index in lanes
        ]
        self._working = [asyncio.create_task(relay.run(), name=f"relay {relay.lane}") for relay in self._relays]

    async def _follow(self) -> None:
        """The next generation's lanes begin when all of the last one's are published, by whomever."""
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            try:
                await self._begin()
            except errors.PyMongoError as error:
                log.info("the lanes to publish are not known now", error=type(error).__name__)
