"""A batch's messages as Kafka records: a pure function of the batch, so that a re-send has the same bytes."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from aiokafka.partitioner import murmur2

from chassis.frozen import frozen
from chassis.mongo import Document
from chassis.times import rfc3339
from contracts.registry import Topic

Headers = list[tuple[str, bytes]]


@frozen
class Record:
    """One record to send. `topic` is the registry's name."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None
    headers: Headers


@lru_cache(maxsize=65_536)
def partition_of(text: str, partitions: int) -> int:
    """The partition that Kafka's own clients pick for this text as a key."""
    return (int(murmur2(text.encode())) & 0x7FFFFFFF) % partitions


def source_of(service: str) -> str:
    """The `ce_source` of a service's messages."""
    return f"/convene/{service}"


def records(batch: Document, service: str, topics: Mapping[str, Topic]) -> Iterator[Record]:
    """The batch's messages in order. KeyError for a topic the registry does not know."""
    lane, n = batch["_id"]["lane"], batch["_id"]["n"]
    shared: Headers = [
        ("ce_specversion", b"1.0"),
        ("ce_source", source_of(service).encode()),
        ("ce_time", rfc3339(batch["at"]).encode()),
        ("lane", lane.encode()),
        ("n", b"%d" % n),
        ("content-type", b"application/json"),
    ]
    running = 0
    for entry in batch["entries"]:
        if not entry["messages"]:
            continue
        own: Headers = []
        if entry["actor"]:
            own.append(("ce_actor", entry["actor"].encode()))
        for message in entry["messages"]:
            running += 1
            value = message["value"]
            trace = message.get("trace") or entry["trace"]
            yield Record(
                message["topic"],
                partition_of(message["partition"], topics[message["topic"]].partitions),
                message["key"].encode(),
                None if value is None else value.encode(),
                [
                    *shared,
                    *own,
                    *([("traceparent", trace.encode())] if trace else []),
                    ("ce_id", f"{service}-{lane}-{n}-{running}".encode()),
                    ("ce_type", message["type"].encode()),
                    ("ce_subject", message["subject"].encode()),
                    ("ce_sequence", b"%d" % message["sequence"]),
                ],
            )
