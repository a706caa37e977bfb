"""Messages into inboxes, one at a time."""

from aiokafka import AIOKafkaConsumer
from pydantic import BaseModel

from chassis.mongo import Database
from convene.bench.naively.setting import INBOX


class Message(BaseModel):
    event_id: str
    member_id: str
    status: str
    guests: int
    seq: int


async def take_in(database: Database, kafka: str, topic: str) -> None:
    """Until cancelled. A line's id is its cause's, so that a message read twice is one line."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, group_id=topic, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async for record in consumer:
            message = Message.model_validate_json(record.value)
            line = {"member_id": message.member_id, "event_id": message.event_id, "kind": message.status}
            id_ = f"{message.member_id}:{message.event_id}:{message.seq}"
            await database[INBOX].update_one({"_id": id_}, {"$setOnInsert": line}, upsert=True)
    finally:
        await consumer.stop()
