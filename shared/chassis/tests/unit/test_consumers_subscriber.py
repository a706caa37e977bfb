"""Start-up refuses a subscriber that could lose messages."""

import warnings
from collections.abc import Sequence
from typing import Any

import pytest
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, TopicPartition

from chassis.consumers.subscriber import UnsafeSubscriber, make_broker, refuse_unsafe, subscribe, whole_records
from chassis.kafka import KafkaSettings

SAFE: dict[str, Any] = {
    "batch": True,
    "group_id": "g",
    "ack_policy": AckPolicy.NACK_ON_ERROR,
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
    "parser": whole_records,
}


async def handle(records: Sequence[Any]) -> None:
    return None


def broker() -> KafkaBroker:
    return make_broker(KafkaSettings("127.0.0.1:1"), "test", graceful_seconds=1)


def test_ours_is_safe() -> None:
    found = broker()
    subscribe(found, ["a", "b"], "g", handle)
    refuse_unsafe(found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ack_policy": AckPolicy.ACK_FIRST}, "acknowledges"),
        ({"ack_policy": AckPolicy.ACK}, "acknowledges"),
        ({"ack_policy": AckPolicy.REJECT_ON_ERROR}, "acknowledges"),
        ({"ack_policy": AckPolicy.MANUAL}, "acknowledges"),
        ({"auto_offset_reset": "latest"}, "earliest"),
        ({"group_id": None}, "no group"),
        ({"isolation_level": "read_uncommitted"}, "committed"),
        ({"batch": False}, "whole records"),
        ({"parser": None}, "whole records"),
    ],
)
def test_a_planted_wrong_one_is_refused(change: dict[str, Any], said: str) -> None:
    found = broker()
    subscribe(found, ["a"], "g", handle)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # FastStream itself warns of one of them
        found.subscriber("b", **{**SAFE, **change})(handle)
    with pytest.raises(UnsafeSubscriber, match=said):
        refuse_unsafe(found)


def test_faststreams_defaults_are_refused() -> None:
    found = KafkaBroker("127.0.0.1:1")
    found.subscriber("b")(handle)
    with pytest.raises(UnsafeSubscriber, match="acknowledges by"):
        refuse_unsafe(found)


def test_fixed_partitions_are_refused() -> None:
    found = broker()
    found.subscriber(partitions=[TopicPartition("a", 0)], **SAFE)(handle)
    with pytest.raises(UnsafeSubscriber, match="partitions"):
        refuse_unsafe(found)


def test_a_publisher_is_refused() -> None:
    found = broker()
    subscribe(found, ["a"], "g", handle)
    found.publisher("b")
    with pytest.raises(UnsafeSubscriber, match="publisher"):
        refuse_unsafe(found)
