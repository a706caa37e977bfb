"""One process's writers: one for each lane in force, and new ones when the lanes change."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress

import structlog

from chassis.ids import random_id
from chassis.journal.attempt import Attempt
from chassis.journal.generation import Generation, in_force
from chassis.journal.lease import Lease
from chassis.journal.shape import LANES
from chassis.journal.slots import lane_index
from chassis.journal.vault import Vault
from chassis.journal.waiting import Waiting
from chassis.journal.writer import LaneWriter
from chassis.mongo import Database, errors
from chassis.prepared import NotPrepared

FOLLOW_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Writers:
    """They compete with those of other processes for the lanes' leases.

    forward: takes commands that a writer cannot decide any more.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        *,
        forward: Callable[[Waiting], None],
        published: Callable[[], None],
        lease_seconds: float,
    ) -> None:
        self._database = database
        self._vault = vault
        self._forward = forward
        self._published = published
        self._lease_seconds = lease_seconds
        self._generation = Generation(-1, 1)
        self._writers: list[LaneWriter] = []
        self._writing: list[asyncio.Task[None]] = []
        self._following: asyncio.Task[None] | None = None

    def __iter__(self) -> Iterator[LaneWriter]:
        return iter(self._writers)

    async def start(self, generation: Generation) -> None:
        """Returns when the lanes are taken or found taken."""
        self._begin(generation)
        self._following = asyncio.create_task(self._follow(), name="journal lanes")
        for writer in self._writers:
            with suppress(TimeoutError):
                await asyncio.wait_for(writer.tried.wait(), self._lease_seconds)

    @property
    def tasks(self) -> "list[asyncio.Task[None]]":
        """What must not end before `stop`."""
        return [] if self._following is None else [self._following]

    def of(self, aggregate: str) -> LaneWriter:
        """The one whose lane decides for an aggregate, as far as this process knows."""
        return self._writers[lane_index(aggregate, self._generation.lanes)]

    async def stop(self) -> None:
        """Commit what is queued, then let the lanes go."""
        for task in self.tasks:
            task.cancel()
        for writer in self._writers:
            writer.stop()
        if self._writing:
            await asyncio.wait(self._writing, timeout=15)

    def _begin(self, generation: Generation) -> None:
        self._generation = generation
        self._writers = [
            LaneWriter(
                self._database,
                Attempt(
                    self._database,
                    self._vault.deciders,
                    self._vault,
                    name,
                    Lease(self._database, LANES, name, random_id(), self._lease_seconds),
                    index=index,
                    lanes=generation.lanes,
                ),
                self._forward,
                self._published,
            )
            for index, name in enumerate(generation.names)
        ]
        self._writing = [
            asyncio.create_task(writer.run(), name=f"lane {writer.attempt.lane}") for writer in self._writers
        ]

    async def _follow(self) -> None:
        """A writer ends when it meets its lane's seal; then, and now and then, look which lanes are in force.

        Raises what a writer's task raised: a defect.
        """
        while True:
            going = [task for task in self._writing if not task.done()]
            ended = await self._pause(going)
            for task in ended:
                task.result()
            try:
                generation = await in_force(self._database)
            except (errors.PyMongoError, NotPrepared) as error:
                log.warning("the lanes in force are not known now", error=type(error).__name__)
                continue
            if generation != self._generation:
                log.info("the lanes have changed", generation=generation.number, lanes=generation.lanes)
                await self._change(generation)

    async def _pause(self, going: "list[asyncio.Task[None]]") -> "list[asyncio.Task[None]]":
        """Until a writer ends, or for a while."""
        if len(going) < len(self._writing):
            await asyncio.sleep(FOLLOW_SECONDS / 10)
            return [task for task in self._writing if task.done()]
        ended, _ = await asyncio.wait(going, timeout=FOLLOW_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        return list(ended)

    async def _change(self, generation: Generation) -> None:
        """The old writers' transactions fail at their seals; what they hold is handed over to the new ones."""
        before, writing = self._writers, self._writing
        self._begin(generation)
        for writer in before:
            writer.stop(drain=0)
        if writing:
            await asyncio.wait(writing)
        for task in writing:
            task.result()
