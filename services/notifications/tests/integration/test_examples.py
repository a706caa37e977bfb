"""Every example of every topic this service reads is taken in, twice, on a real database."""

import json
from datetime import datetime
from importlib.resources import files
from typing import Any

import pytest

from chassis.consumers import Effects, Received
from chassis.mongo import connect
from contracts.registry import messages_by_type
from notifications_service.consumers import SUBSCRIPTIONS
from notifications_service.store import schema

EXAMPLES = [
    (subscription, entry.name, json.loads(entry.read_text(encoding="utf-8")))
    for subscription in SUBSCRIPTIONS
    for entry in sorted(files("contracts").joinpath("examples", subscription.topic).iterdir(), key=lambda e: e.name)
]


def received(topic: str, example: dict[str, Any]) -> Received[Any]:
    head, value = example["headers"], example["value"]
    return Received(
        topic=topic,
        partition=0,
        offset=0,
        key=example["key"],
        type=head["ce_type"],
        id=head["ce_id"],
        source=head["ce_source"],
        subject=head["ce_subject"],
        sequence=int(head["ce_sequence"]),
        actor=head.get("ce_actor"),
        time=datetime.fromisoformat(head["ce_time"]),
        trace=head.get("traceparent"),
        body=None if value is None else messages_by_type()[head["ce_type"]].model_validate(value),
    )


@pytest.mark.parametrize(("subscription", "name", "example"), EXAMPLES, ids=[name for _, name, _ in EXAMPLES])
async def test_an_example_is_taken_in(subscription: Any, name: str, example: dict[str, Any], mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    message = received(subscription.topic, example)
    states = []
    for _ in range(2):
        async with database.transaction() as session:
            effects = Effects(database, session)
            await subscription.apply([message], effects)
            await effects.send()
        states.append([await database[collection].find({}) for collection in schema.COLLECTIONS])
    database.close()
    assert states[0] == states[1]
    assert any(states[0])
