"""The topic registry applied to a real Kafka."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from chassis import topics
from chassis.kafka import KafkaSettings
from contracts.registry import Topic
from contracts.registry import topics as registry
from testkit import eventually


@pytest.fixture
def empty(kafka_bootstrap: str, topic_prefix: str) -> KafkaSettings:
    return KafkaSettings(kafka_bootstrap, prefix=topic_prefix)


SOME = {name: registry()[name] for name in ("events.rsvp.v1", "groups.group.v1", "public.rsvps.v1")}


async def described(kafka: KafkaSettings, name: str) -> tuple[int, dict[str, str]]:
    admin = AIOKafkaAdminClient(**kafka.client_options())
    await admin.start()
    try:
        [found] = await admin.describe_topics([kafka.topic(name)])
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, kafka.topic(name))])
        return len(found["partitions"]), {entry[0]: entry[1] for entry in answer.resources[0][4]}
    finally:
        await admin.close()


async def known(kafka: KafkaSettings) -> None:
    """A broker hears from the controller a moment later than the one who made the topics."""

    async def all_of_them() -> bool:
        found = {name: (await described(kafka, name))[0] for name in SOME}
        assert found == {name: topic.partitions for name, topic in SOME.items()}
        return True

    await eventually(all_of_them)


async def test_missing_topics_are_made_as_the_registry_says_and_then_left_alone(empty: KafkaSettings) -> None:
    done = await topics.apply(empty, SOME)
    assert sorted(done.created) == sorted(empty.topic(name) for name in SOME)
    await known(empty)
    partitions, settings = await described(empty, "public.rsvps.v1")
    assert partitions == SOME["public.rsvps.v1"].partitions
    assert settings["cleanup.policy"] == "compact"
    assert settings["min.compaction.lag.ms"] == str(7 * 86_400_000)
    again = await topics.apply(empty, SOME)
    assert (again.created, again.configured, len(again.unchanged)) == ([], [], len(SOME))


async def test_settings_that_differ_are_set(empty: KafkaSettings) -> None:
    await topics.apply(empty, SOME)
    await known(empty)
    longer = replace(SOME["events.rsvp.v1"], retention_days=60)
    done = await topics.apply(empty, {**SOME, "events.rsvp.v1": longer})
    assert (done.created, done.configured) == ([], [empty.topic("events.rsvp.v1")])

    async def set_to_sixty_days() -> bool:
        return (await described(empty, "events.rsvp.v1"))[1]["retention.ms"] == str(60 * 86_400_000)

    await eventually(set_to_sixty_days, because="a broker hears from the controller a moment later")


async def test_other_partitions_are_refused_before_anything_is_changed(empty: KafkaSettings) -> None:
    admin = AIOKafkaAdminClient(**empty.client_options())
    await admin.start()
    await admin.create_topics([NewTopic(empty.topic("events.rsvp.v1"), 3, 1)])

    async def there() -> bool:
        return empty.topic("events.rsvp.v1") in await admin.list_topics()

    await eventually(there, because="a broker hears from the controller a moment later")
    with pytest.raises(topics.TopicMismatch, match="has 3 partitions, the registry says 4"):
        await topics.apply(empty, SOME)
    assert {name for name in await admin.list_topics() if name.startswith(empty.prefix)} == {
        empty.topic("events.rsvp.v1")
    }
    await admin.close()


async def test_three_services_may_apply_it_at_once(empty: KafkaSettings) -> None:
    done = await asyncio.gather(*(topics.apply(empty, SOME) for _ in range(3)))
    for one in done:
        assert sorted(one.created + one.unchanged) == sorted(empty.topic(name) for name in SOME)
    assert {name for one in done for name in one.created} == {empty.topic(name) for name in SOME}


async def test_a_topic_that_was_missing_is_created_even_when_the_broker_had_to_ask_twice(
    empty: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker hands the request on to its controller, and again when it has heard nothing; the second answer is that
    the topic is there."""
    ask = AIOKafkaAdminClient.create_topics

    async def twice(*given: Any, **named: Any) -> Any:
        await ask(*given, **named)
        return await ask(*given, **named)

    monkeypatch.setattr(AIOKafkaAdminClient, "create_topics", twice)
    done = await topics.apply(empty, SOME)
    assert sorted(done.created) == sorted(empty.topic(name) for name in SOME)
    assert (done.configured, done.unchanged) == ([], [])


async def test_what_kafka_refuses_is_said(empty: KafkaSettings) -> None:
    wrong: dict[str, Topic] = {"events.rsvp.v1": replace(SOME["events.rsvp.v1"], retention_days=-9)}
    with pytest.raises(topics.TopicsFailed, match=r"events\.rsvp\.v1"):
        await topics.apply(empty, wrong)
