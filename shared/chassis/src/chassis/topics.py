"""Making Kafka agree with the topic registry: by a command, never by a client on the way."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from chassis.kafka import KafkaSettings
from contracts.registry import Topic

_DAY_MS = 24 * 60 * 60 * 1000
_MINUTE_MS = 60 * 1000
_UNKNOWN_TOPIC = 3
_ALREADY_THERE = 36
# too few brokers: for good, or for as long as one that its controller has not heard of for a moment is fenced
_TOO_FEW = 38
_FENCED_TRIES, _FENCED_PAUSE_S = 20, 0.5


class TopicMismatch(RuntimeError):
    """Topics that are there but cannot be made to agree: their partitions are others. Nothing was changed."""


class TopicsFailed(RuntimeError):
    """Kafka refused to make or to set a topic."""


@dataclass(slots=True)
class Applied:
    """What was done, by full topic name.

    created: was missing, and is there now. configured: was there with other settings. unchanged: agreed already.
    """

    created: list[str] = field(default_factory=list)
    configured: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def configs(topic: Topic, replication: int) -> dict[str, str]:
    """The topic's settings in Kafka's words."""
    found: dict[str, str] = {"cleanup.policy": topic.cleanup}
    days = {
        "retention.ms": topic.retention_days,
        "min.compaction.lag.ms": topic.min_compaction_lag_days,
        "max.compaction.lag.ms": topic.max_compaction_lag_days,
        "segment.ms": topic.segment_days,
        "delete.retention.ms": topic.delete_retention_days,
    }
    found |= {name: str(number * _DAY_MS) for name, number in days.items() if number is not None}
    minutes = {"retention.ms": topic.retention_minutes, "segment.ms": topic.segment_minutes}
    found |= {name: str(number * _MINUTE_MS) for name, number in minutes.items() if number is not None}
    if topic.append_time:
        found["message.timestamp.type"] = "LogAppendTime"
    if replication > 1:
        found["min.insync.replicas"] = str(min(2, replication))
        found["unclean.leader.election.enable"] = "false"
    return dict(sorted(found.items()))


def mismatches(topics: Iterable[Topic], prefix: str, partitions: Mapping[str, int]) -> list[str]:
    """Sentences about topics whose number of partitions is not the registry's. Changing it would break the order of
    keys, so only a new topic helps."""
    return [
        f"{prefix}{topic.name} has {partitions[prefix + topic.name]} partitions, the registry says {topic.partitions}"
        for topic in topics
        if partitions.get(prefix + topic.name, topic.partitions) != topic.partitions
    ]


async def apply(
    kafka: KafkaSettings, registry: Mapping[str, Topic], prefix: str | None = None, replication: int | None = None
) -> Applied:
    """Create what is missing and set what differs; safe to run again. `prefix` and `replication` default to `kafka`'s.

    A setting that was made by hand and is not in the registry is taken back. Raises TopicMismatch before anything is
    changed, TopicsFailed, and aiokafka's errors when Kafka is not there.
    """
    prefix = kafka.prefix if prefix is None else prefix
    replication = replication or kafka.replication
    admin = AIOKafkaAdminClient(client_id="convene-topics", **kafka.client_options())
    try:
        await admin.start()
        there = await _partitions(admin, [prefix + name for name in registry])
        wrong = mismatches(registry.values(), prefix, there)
        if wrong:
            raise TopicMismatch("; ".join(wrong) + ": choose another TOPIC_PREFIX, or move the data to a new topic")
        applied = Applied()
        await _create(
            admin, [t for t in registry.values() if prefix + t.name not in there], prefix, replication, applied
        )
        await _configure(
            admin, [t for t in registry.values() if prefix + t.name in there], prefix, replication, applied
        )
        return applied
    finally:
        await admin.close()


async def _partitions(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    found = await admin.describe_topics(names)
    for topic in found:
        if topic["error_code"] not in (0, _UNKNOWN_TOPIC):
            raise TopicsFailed(f"{topic['topic']}: {for_code(topic['error_code']).__name__}")
    return {topic["topic"]: len(topic["partitions"]) for topic in found if topic["error_code"] == 0}


async def _create(
    admin: AIOKafkaAdminClient, topics: list[Topic], prefix: str, replication: int, applied: Applied
) -> None:
    if not topics:
        return
    wanted = [
        NewTopic(
            name=prefix + topic.name,
            num_partitions=topic.partitions,
            replication_factor=replication,
            topic_configs=configs(topic, replication),
        )
        for topic in topics
    ]
    for _ in range(_FENCED_TRIES):
        answer = await admin.create_topics(wanted, timeout_ms=30_000)
        if not any(code == _TOO_FEW for _, code, *_ in answer.topic_errors):
            break
        await asyncio.sleep(_FENCED_PAUSE_S)
    for name, code, *rest in answer.topic_errors:
        # a topic that was missing can be there by now: a broker that hears nothing of its controller asks it again, and
        # another process may apply the same registry at this moment
        if code not in (0, _ALREADY_THERE):
            raise TopicsFailed(f"{name}: {(rest and rest[0]) or for_code(code).__name__}")
        applied.created.append(name)


async def _configure(
    admin: AIOKafkaAdminClient, topics: list[Topic], prefix: str, replication: int, applied: Applied
) -> None:
    if not topics:
        return
    names = [prefix + topic.name for topic in topics]
    current = _overrides(await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, n) for n in names]))
    for topic, name in zip(topics, names, strict=True):
        wanted = configs(topic, replication)
        if current.get(name) == wanted:
            applied.unchanged.append(name)
            continue
        answers = await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=wanted)])
        for code, message, *_ in (one for answer in answers for one in answer.resources):
            if code != 0:
                raise TopicsFailed(f"{name}: {message or for_code(code).__name__}")
        applied.configured.append(name)


def _overrides(answers: list[Any]) -> dict[str, dict[str, str]]:
    """Per topic what is set on the topic itself (source 1), not inherited from the broker."""
    found: dict[str, dict[str, str]] = {}
    for answer in answers:
        for code, message, _, name, entries in answer.resources:
            if code != 0:
                raise TopicsFailed(f"{name}: {message or for_code(code).__name__}")
            found[name] = {entry[0]: entry[1] for entry in entries if _set_on_topic(entry)}
    return found


def _set_on_topic(entry: Any) -> bool:
    """Entries are (name, value, read only, source, ...) from version 1 on."""
    return bool(entry[3] == 1)


__all__ = ["Applied", "KafkaError", "TopicMismatch", "TopicsFailed", "apply", "configs", "mismatches"]
