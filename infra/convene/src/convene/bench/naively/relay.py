"""Rows to Kafka: asks for new ones every 20 ms, deletes what was sent."""

import asyncio

from aiokafka import AIOKafkaProducer

from chassis.mongo import Database
from convene.bench.naively.setting import OUTBOX

POLL_S = 0.02
ROWS = 500


async def publish(database: Database, kafka: str, topic: str) -> None:
    """Until cancelled."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        while True:
            rows = await database[OUTBOX].find({}, sort=[("_id", 1)], limit=ROWS)
            if not rows:
                await asyncio.sleep(POLL_S)
                continue
            sent = [await producer.send(topic, row["value"].encode(), row["key"].encode()) for row in rows]
            await asyncio.gather(*sent)
            await database[OUTBOX].delete_many({"_id": {"$in": [row["_id"] for row in rows]}})
    finally:
        await producer.stop()
