"""The naive processes on the platform's own Kafka and MongoDB, with a database and a topic of their own."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from secrets import token_hex

import psutil
from aiokafka.admin import AIOKafkaAdminClient

from chassis import topics
from chassis.mongo import Database
from contracts.registry import Topic
from convene.bench.ground import Ground
from convene.bench.naively.setting import DATABASE, EVENTS, INBOX, OUTBOX, RSVPS, Told
from convene.parts.mongod import REPLICA_SET, ROOT
from convene.parts.ports import LOOPBACK, accepts, free_port
from convene.parts.running import Running
from convene.parts.trouble import Unavailable
from convene.stack.passwords import passwords

ROLES = ("api", "relay", "consumer")


@dataclass(frozen=True, slots=True)
class Naive:
    """url: of the route; pids: of the three processes, and of the two servers."""

    url: str
    database: Database
    pids: Sequence[int]
    numbers: "count[int]"

    async def events(self, number: int) -> list[str]:
        """New ones."""
        ids = [f"event-{next(self.numbers)}" for _ in range(number)]
        await self.database[EVENTS].insert_many([{"_id": id_, "seq": 0, "seats": 0} for id_ in ids])
        return ids

    async def lines(self) -> int:
        """How many are in inboxes."""
        found = await self.database[INBOX].aggregate([{"$collStats": {"count": {}}}])
        return int(found[0]["count"])

    def seconds(self) -> float:
        """Processor time so far."""
        return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in self.pids)


@asynccontextmanager
async def naive_running(ground: Ground, numbers: "count[int]") -> AsyncIterator[Naive]:
    """For one run. Raises Unavailable on servers that are not the platform's own."""
    entries = ground.entries()
    if "mongod" not in entries or "kafka" not in entries:
        raise Unavailable("The naive way is measured on the platform's own Kafka and MongoDB only.")
    topic = Topic(f"bench.naive-{token_hex(3)}.v1", "internal", ("bench",), "{event}", "event", 12)
    told = Told(_url(ground), ground.kafka.bootstrap, topic.name, ground.local / "issuer.json", free_port())
    database = told.database()
    async with AsyncExitStack() as stack:
        stack.callback(database.close)
        for collection in (EVENTS, RSVPS, OUTBOX, INBOX):
            await database.ensure_collection(collection)
        await topics.apply(ground.kafka, {topic.name: topic}, prefix="")
        stack.push_async_callback(_forget, ground, database, topic.name)
        started = [_process(role, told, ground) for role in ROLES]
        for running in started:
            stack.push_async_callback(running.stop)
            await running.start()
        servers = [entries[name].pid for name in ("mongod", "kafka")]
        pids = [*servers, *(running.pid for running in started)]
        yield Naive(f"http://{LOOPBACK}:{told.port}", database, pids, numbers)


def _url(ground: Ground) -> str:
    """Root's: the services' users may not write elsewhere."""
    password = passwords(ground.local / "passwords.json")["root"]
    where = f"{LOOPBACK}:{ground.plan.ports['MONGO_PORT']}"
    return f"mongodb://{ROOT}:{password}@{where}/{DATABASE}?replicaSet={REPLICA_SET}&authSource=admin"


def _process(role: str, told: Told, ground: Ground) -> Running:
    async def ready() -> bool:
        return role != "api" or await accepts(LOOPBACK, told.port)

    return Running(
        f"naive {role}",
        [sys.executable, "-m", "convene.bench.naively", role],
        address="",
        ready=ready,
        log=ground.local / "logs" / f"naive-{role}.log",
        env=told.environment(),
    )


async def _forget(ground: Ground, database: Database, topic: str) -> None:
    await database.command({"dropDatabase": 1})
    admin = AIOKafkaAdminClient(**ground.kafka.client_options())
    await admin.start()
    try:
        await admin.delete_topics([topic])
    finally:
        await admin.close()
