"""Every consumer is fed every example of its topics, and what it hands over is decided."""

import json
from importlib.resources import files
from typing import Any

import pytest

from chassis import journal
from chassis.consumers import Effects, Subscription
from chassis.consumers.decode import Record, decode
from chassis.journal import HANDOFFS, Journal
from chassis.mongo import connect
from groups_service.app import decisions
from groups_service.consumers import SUBSCRIPTIONS
from groups_service.store import schema
from testkit import MongoServer, eventually


def examples(topic: str) -> list[dict[str, Any]]:
    found = sorted(files("contracts").joinpath("examples", topic).iterdir(), key=lambda file: file.name)
    return [json.loads(file.read_text(encoding="utf-8")) for file in found if file.name.endswith(".json")]


def record(topic: str, number: int, example: dict[str, Any]) -> Record:
    headers = tuple((name, value.encode()) for name, value in example["headers"].items())
    value = None if example["value"] is None else json.dumps(example["value"]).encode()
    return Record(topic, 0, number, 0, example["key"].encode(), value, headers)


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS, ids=lambda subscription: subscription.topic)
async def test_examples_are_taken_in(subscription: Subscription, mongo_server: MongoServer) -> None:
    records = [record(subscription.topic, n, example) for n, example in enumerate(examples(subscription.topic))]
    received = [decode(one).received for one in records]
    assert received
    async with mongo_server.database() as url:
        database = connect(url)
        await journal.prepare(database)
        await schema.prepare(database)
        async with database.transaction() as session:
            effects = Effects(database, session)
            await subscription.apply([message for message in received if message is not None], effects)
            await effects.send()
        handed = await database[HANDOFFS].find({})
        deciding = Journal(database, decisions(1))
        await deciding.start()
        try:

            async def decided() -> bool:
                return await database[HANDOFFS].count({}) == 0

            await eventually(decided)
            results = await database["results"].find({"_id": {"$in": [command["_id"] for command in handed]}})
        finally:
            await deciding.stop()
            database.close()
    assert len(received) == len(handed) == len(results)
    # an example's group is nowhere; everything else is done
    assert {result["refused"] for result in results} <= {None, "group-not-found"}
