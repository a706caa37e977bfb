"""The fixtures give real servers, and nothing of one test reaches another."""

from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.structs import TopicPartition
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from testkit import KafkaServer, MongoServer, eventually

Client = AsyncMongoClient[dict[str, Any]]


async def test_a_message_goes_through_kafka_in_a_transaction(kafka_bootstrap: str, topic_prefix: str) -> None:
    topic = f"{topic_prefix}greetings"
    await create_topic(kafka_bootstrap, topic)
    async with (
        AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, transactional_id=f"{topic_prefix}writer") as producer,
        producer.transaction(),
    ):
        await producer.send_and_wait(topic, b"hello")
    assert await first_value(kafka_bootstrap, topic) == b"hello"


@pytest.mark.parametrize("attempt", [1, 2])
async def test_every_test_has_an_empty_database(mongo_url: str, attempt: int) -> None:
    async with Client(mongo_url) as client:
        things = client.get_default_database().things
        assert await things.count_documents({}) == 0
        await things.insert_one({"_id": 1, "attempt": attempt})


async def test_the_user_may_do_what_a_service_does_and_no_more(mongo_url: str, module_mongo_url: str) -> None:
    async with Client(mongo_url) as writer, Client(mongo_url) as successor, Client(module_mongo_url) as other:
        database = writer.get_default_database()
        await database.things.insert_one({"_id": 1})
        async with writer.start_session() as session:
            await session.start_transaction()
            await database.things.update_one({"_id": 1}, {"$set": {"taken": True}}, session=session)
            await successor.get_default_database().command("killSessions", [session.session_id])
            with pytest.raises(OperationFailure) as ended:
                await session.commit_transaction()
        assert ended.value.code == 251  # NoSuchTransaction: a successor may end what its predecessor left open
        async with await database.things.watch() as changes:
            await database.things.insert_one({"_id": 2})
            assert (await changes.next())["operationType"] == "insert"
        with pytest.raises(OperationFailure) as refused:
            await writer[other.get_default_database().name].things.find_one()
        assert refused.value.code == 13


async def test_databases_are_dropped(mongo_server: MongoServer) -> None:
    async with mongo_server.database() as url, Client(url) as client:
        name = client.get_default_database().name
        await client[name].things.insert_one({})
    async with Client(mongo_server.root_url) as root:
        assert name not in await root.list_database_names()


async def test_mongod_has_fail_points(mongo_server: MongoServer, mongo_url: str) -> None:
    point: dict[str, Any] = {"configureFailPoint": "failCommand", "data": {"failCommands": ["find"], "errorCode": 112}}
    async with Client(mongo_server.root_url) as root, Client(mongo_url, appname="failing") as client:
        point["data"]["appName"] = "failing"
        await root.admin.command({**point, "mode": {"times": 1}})
        with pytest.raises(OperationFailure) as conflict:
            await client.get_default_database().things.find_one()
        assert conflict.value.code == 112


async def test_a_killed_mongod_comes_back_with_what_it_acknowledged(spare_mongo: MongoServer) -> None:
    assert spare_mongo.running is not None
    async with spare_mongo.database() as url, Client(url) as client:
        await client.get_default_database().things.insert_one({"_id": 1})
        spare_mongo.running.kill()
        await spare_mongo.running.restart()
        assert await client.get_default_database().things.find_one() == {"_id": 1}


async def test_a_killed_kafka_comes_back_with_what_it_acknowledged(spare_kafka: KafkaServer) -> None:
    assert spare_kafka.running is not None
    await create_topic(spare_kafka.bootstrap, "greetings")
    async with AIOKafkaProducer(bootstrap_servers=spare_kafka.bootstrap, acks="all") as producer:
        await producer.send_and_wait("greetings", b"hello")
    spare_kafka.running.kill()
    await spare_kafka.running.restart()
    assert await first_value(spare_kafka.bootstrap, "greetings") == b"hello"


async def create_topic(bootstrap: str, topic: str) -> None:
    """One partition; returns when it is known."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        await admin.create_topics([NewTopic(topic, 1, 1)])

        async def known() -> bool:
            return topic in await admin.list_topics()

        await eventually(known)
    finally:
        await admin.close()


async def first_value(bootstrap: str, topic: str) -> bytes:
    """The value of the first committed record."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed") as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        value: bytes = (await consumer.getone()).value
        return value
