"""Records on their way into a transaction."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer

from chassis.kafka import KafkaSettings
from chassis.relay.disagree import Disagree
from chassis.relay.record import Record

Sent = tuple[str, int, int, int]
"""A topic's name in the registry, the partition, the offset of a batch's first record there, and how many it holds."""


async def send(producer: AIOKafkaProducer, kafka: KafkaSettings, going: Iterable[Record]) -> list[Sent]:
    """Order per partition is that of `going`: one open builder per partition, sent when full and at the end.

    Raises Disagree, and aiokafka's errors.
    """
    sent: list[tuple[tuple[str, int], int, asyncio.Future[Any]]] = []
    building: dict[tuple[str, int], Any] = {}

    async def close(place: tuple[str, int], builder: Any) -> None:
        future = await producer.send_batch(builder, kafka.topic(place[0]), partition=place[1])
        sent.append((place, builder.record_count(), future))

    for record in going:
        place = (record.topic, record.partition)
        builder = building.get(place)
        if builder is None or not _add(builder, record):
            if builder is not None:
                await close(place, builder)
            builder = building[place] = producer.create_batch()
            if not _add(builder, record):
                raise Disagree(f"a message of {record.topic} is larger than a batch may be")
    for place, builder in building.items():
        await close(place, builder)
    done = await asyncio.gather(*(future for _, _, future in sent))
    return [(*place, told.offset, count) for (place, count, _), told in zip(sent, done, strict=True)]


def _add(builder: Any, record: Record) -> bool:
    """False when the builder is full."""
    return builder.append(timestamp=None, key=record.key, value=record.value, headers=record.headers) is not None
