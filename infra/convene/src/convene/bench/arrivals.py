"""A reader of committed records in a process of its own: `python -m convene.bench.arrivals LOCAL TOPIC…`.

Prints `reading` when it stands at the end of the topics. When its input is closed it reads on until nothing comes for a
while, then prints one JSON list of [seconds since 1970 at which a record was there, milliseconds since it was decided].
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from time import time

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka import KafkaSettings
from contracts.registry import topics
from convene.operating.access import access

QUIET_ROUNDS = 5
Arrival = tuple[float, float]


class Arrivals:
    """What the process has read; there after `ended`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ended(self) -> list[Arrival]:
        """Let it read to the end."""
        out, _ = await self._process.communicate(b"")
        return [(at, delay) for at, delay in json.loads(out)]


@asynccontextmanager
async def arriving(local: Path, names: Sequence[str]) -> AsyncIterator[Arrivals]:
    """A reader of these topics (the registry's names) from here on."""
    command = [sys.executable, "-m", "convene.bench.arrivals", str(local), *names]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 26
    )
    try:
        if process.stdout is not None:
            await process.stdout.readline()
        yield Arrivals(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _read(kafka: KafkaSettings, names: Sequence[str]) -> None:
    consumer = AIOKafkaConsumer(**kafka.client_options(), isolation_level="read_committed", enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(kafka.topic(name), n) for name in names for n in range(topics()[name].partitions)]
        consumer.assign(places)
        for place, offset in (await consumer.end_offsets(places)).items():
            consumer.seek(place, offset)
        print("reading", flush=True)
        closed = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        found: list[Arrival] = []
        quiet = 0
        while quiet < QUIET_ROUNDS:
            batch = await consumer.getmany(timeout_ms=200, max_records=2_000)
            now = time()
            for records in batch.values():
                for record in records:
                    decided = dict(record.headers)["ce_time"].decode()
                    found.append((now, (now - datetime.fromisoformat(decided).timestamp()) * 1000))
            quiet = quiet + 1 if closed.done() and not batch else 0
        print(json.dumps(found))
    finally:
        await consumer.stop()


if __name__ == "__main__":
    asyncio.run(_read(access(Path(sys.argv[1]), "events").kafka, sys.argv[2:]))
