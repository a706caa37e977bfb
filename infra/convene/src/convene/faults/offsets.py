"""A consumer group that has lost its offsets."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import GroupIdNotFound, for_code
from aiokafka.protocol.admin import DeleteGroupsRequest

from chassis.kafka import KafkaSettings


async def groups(kafka: KafkaSettings) -> list[str]:
    """All groups of this platform that have offsets."""
    admin = AIOKafkaAdminClient(**kafka.client_options())
    try:
        await admin.start()
        found = [name for name, _ in await admin.list_consumer_groups()]
        return sorted(name for name in found if name.startswith(kafka.prefix))
    finally:
        await admin.close()


async def forget_offsets(kafka: KafkaSettings, group: str) -> None:
    """Delete a group without members. Raises aiokafka's errors: NonEmptyGroup while a consumer of it lives."""
    admin, client = AIOKafkaAdminClient(**kafka.client_options()), AIOKafkaClient(**kafka.client_options())
    try:
        await admin.start()
        await client.bootstrap()
        coordinator = await admin.find_coordinator(group)
        answer = await client.send(coordinator, DeleteGroupsRequest([group]))  # the admin client has no such call
        for _, code in answer.results:
            if code and for_code(code) is not GroupIdNotFound:
                raise for_code(code)(group)
    finally:
        await client.close()
        await admin.close()
