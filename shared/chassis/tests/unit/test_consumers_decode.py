"""Reading records: every flaw is named and none raises."""

from typing import Any

import pytest
from consuming import FACTS, STATE, group, headers, rsvp
from pydantic_core import to_json

from chassis.consumers.decode import MAX_VALUE_BYTES, Address, Decoded, Record, decode
from contracts.events import RsvpChanged


def record(value: bytes | None, head: Any, topic: str = FACTS, key: bytes | None = b"k") -> Record:
    return Record(topic, 2, 41, 1_790_000_000_000, key, value, tuple(head))


def flaw(item: Decoded) -> tuple[str, str]:
    assert item.received is None
    assert item.refusal is not None
    return item.refusal.kind, item.refusal.detail


def test_a_message_is_read_whole() -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    item = decode(record(to_json(rsvp("e1", 3)), headers("e1", 3, ce_actor="ada", traceparent=trace)))
    received = item.received
    assert received is not None
    assert isinstance(received.body, RsvpChanged)
    assert (received.source, received.subject, received.sequence) == ("/convene/events", "e1", 3)
    assert (received.partition, received.offset, received.key) == (2, 41, "k")
    assert (received.actor, received.trace, received.body.seq) == ("ada", trace, 3)
    assert item.address == Address(FACTS, "/convene/events", "e1")


def test_unknown_fields_of_a_newer_writer_are_ignored() -> None:
    assert decode(record(to_json({**rsvp("e1", 3), "mood": "good"}), headers("e1", 3))).received is not None


def test_a_missing_value_is_a_tombstone_for_state_and_a_flaw_for_facts() -> None:
    gone = decode(record(None, headers("g1", 3, STATE), STATE)).received
    assert gone is not None
    assert gone.body is None
    assert flaw(decode(record(None, headers("e1", 3)))) == ("unreadable", "a fact without a value")


@pytest.mark.parametrize("name", ["ce_source", "ce_subject", "ce_sequence"])
def test_without_an_address_a_record_is_nobodys(name: str) -> None:
    item = decode(record(to_json(rsvp("e1", 3)), headers("e1", 3, **{name: None})))
    assert item.address is None
    assert flaw(item) == ("unreadable", f"header {name} is missing or unreadable")


@pytest.mark.parametrize("sequence", ["-1", "1.5", "x", "9" * 19, "9" * 400, "٣"])
def test_a_sequence_is_a_whole_number_that_mongodb_can_keep(sequence: str) -> None:
    item = decode(record(to_json(rsvp("e1", 3)), headers("e1", 3, ce_sequence=sequence)))
    assert item.address is None
    assert "ce_sequence" in flaw(item)[1]


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (b"{", {}),
        (b"", {}),
        (b"\xff\xfe", {}),
        (b'{"rsvp_id": "\\ud800"}', {}),
        (to_json(rsvp("e1", 3, guests=-1)), {}),
        (to_json({"hello": "world"}), {}),
        (to_json(rsvp("e1", 3)), {"ce_time": "yesterday"}),
        (to_json(rsvp("e1", 3)), {"ce_time": "2026-11-23T12:00:00"}),
        (to_json(rsvp("e1", 3)), {"ce_id": None}),
        (to_json(rsvp("e1", 3)), {"ce_type": "convene.groups.group.changed.v1"}),
        (b'"' + b"x" * MAX_VALUE_BYTES + b'"', {}),
    ],
)
def test_a_flaw_with_an_address_belongs_to_its_subject(value: bytes, changes: dict[str, str | None]) -> None:
    item = decode(record(value, headers("e1", 3, **changes)))
    assert item.address == Address(FACTS, "/convene/events", "e1")
    assert item.sequence == 3
    assert flaw(item)[0] == "unreadable"


def test_bytes_that_are_no_text_do_not_raise() -> None:
    odd = [("ce_subject", b"\xff"), *headers("e1", 3, ce_subject=None), ("x", b"\xfe")]
    assert decode(record(b"{}", odd)).address is None
    assert flaw(decode(record(to_json(rsvp("e1", 3)), headers("e1", 3), key=b"\xff"))) == ("unreadable", "not UTF-8")


def test_what_was_wrong_is_said_without_what_was_there() -> None:
    kind, detail = flaw(decode(record(to_json(rsvp("e1", 3, status="ada@example.org")), headers("e1", 3))))
    assert kind == "unreadable"
    assert detail == "status: literal_error"


def test_an_unknown_type_waits_on_a_fact_topic_and_is_state_on_a_state_topic() -> None:
    newer = decode(record(to_json(rsvp("e1", 3)), headers("e1", 3, ce_type="convene.events.rsvp.traded.v1")))
    assert newer.address is not None
    assert flaw(newer)[0] == "newer"
    changed = headers("g1", 3, STATE, ce_type="convene.groups.group.twinned.v1")
    state = decode(record(to_json(group("g1", 3)), changed, STATE)).received
    assert state is not None
    assert state.type == "convene.groups.group.twinned.v1"


def test_a_trace_that_is_none_is_not_passed_on() -> None:
    received = decode(record(to_json(rsvp("e1", 3)), headers("e1", 3, traceparent="hello"))).received
    assert received is not None
    assert received.trace is None


def test_a_record_has_the_same_id_whenever_it_is_read() -> None:
    assert record(b"1", []).id == record(b"1", []).id
    assert record(b"1", []).id != record(b"1", [], topic=STATE).id
