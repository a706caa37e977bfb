"""What the bank's relay has told Kafka."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from chassis.kafka import KafkaSettings
from testkit.topics import messages

TOPIC = "events.rsvp.v1"


async def make_topics(kafka: KafkaSettings) -> None:
    """As many partitions as the registry says, and nothing else of it: no topic is compacted."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(kafka.topic(TOPIC), 4, 1), NewTopic(kafka.topic("events.relay.v1"), 8, 1)])
    await admin.close()


async def published(kafka: KafkaSettings) -> list[tuple[str, int, str, bytes | None]]:
    """(subject, sequence, id, value) of all that is committed, in order per partition."""
    return [
        (headers["ce_subject"], int(headers["ce_sequence"]), headers["ce_id"], value)
        for headers, value in await messages(kafka, TOPIC)
    ]


async def has_published(kafka: KafkaSettings, number: int) -> bool:
    """Whether so many messages are committed, no more and no less."""
    return len(await published(kafka)) == number
