"""A record of a topic beside what the journal says of it."""

from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from chassis.kafka import KafkaSettings
from chassis.relay.record import Record

Origin = tuple[str, int]
"""Lane and batch."""


@dataclass(slots=True)
class Seen:
    """A record as it is on the topic."""

    place: TopicPartition
    offset: int
    raw: Any
    headers: dict[str, str]

    @staticmethod
    def of(place: TopicPartition, raw: Any) -> "Seen":
        """raw: as the consumer gives it."""
        headers = {name: value.decode("utf-8", "replace") for name, value in raw.headers if value}
        return Seen(place, raw.offset, raw, headers)

    @property
    def named(self) -> str:
        return f"{self.place.topic}/{self.place.partition}@{self.offset}"

    @property
    def origin(self) -> Origin:
        """Of no batch where the headers name none."""
        n = self.headers.get("n", "")
        return self.headers.get("lane", ""), int(n) if n.isdecimal() and n.isascii() else 0


@dataclass(frozen=True, slots=True)
class Made:
    """What an entry says of a record. forgotten: whose value it was cannot be known any more."""

    record: Record
    forgotten: bool


def header(record: Record, name: str) -> str:
    """Of one that the journal has made, which has it."""
    return next(value.decode() for header, value in record.headers if header == name)


def same(made: Made, seen: Seen, kafka: KafkaSettings) -> bool:
    """But for `traceparent`: where a trace is recorded, it names the step that published."""
    expected = made.record
    value = seen.raw.value if made.forgotten else expected.value
    place = TopicPartition(kafka.topic(expected.topic), expected.partition)
    headers = [header for header in seen.raw.headers if header[0] != "traceparent"]
    wanted = [header for header in expected.headers if header[0] != "traceparent"]
    return (place, expected.key, value, wanted) == (seen.place, seen.raw.key, seen.raw.value, headers)
