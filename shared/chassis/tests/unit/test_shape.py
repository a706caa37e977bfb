"""The pure parts of the journal and the relay."""

from datetime import UTC, datetime, timedelta

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from chassis.journal import Documents, NotRead, Outgoing, Ref
from chassis.journal.handoff import in_order
from chassis.journal.lease import later
from chassis.journal.shape import batch, counters, number
from chassis.journal.slots import SLOTS, lane_index, slot_of, slots_of
from chassis.mongo import DeleteOne, InsertOne, ReplaceOne
from chassis.relay.record import partition_of, records
from contracts.registry import topics

NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def message(subject: str = "e1", topic: str = "events.rsvp.v1") -> Outgoing:
    return Outgoing(topic, "convene.test.v1", subject, "k", subject, "{}")


@given(st.text(min_size=1, max_size=40))
def test_partitions_are_the_ones_kafka_s_own_clients_pick(text: str) -> None:
    every = list(range(12))
    assert partition_of(text, 12) == DefaultPartitioner()(text.encode(), every, every)


def test_a_lane_is_the_same_in_every_process() -> None:
    assert [lane_index("e1", 8), lane_index("e2", 8), lane_index("e3", 8)] == [7, 5, 3]


@given(st.text(), st.integers(1, SLOTS))
def test_a_slot_has_one_lane_however_many_there_are(aggregate: str, lanes: int) -> None:
    holding = [index for index in range(lanes) if slot_of(aggregate) in slots_of(index, lanes)]
    assert holding == [lane_index(aggregate, lanes)]


def test_a_number_goes_on_above_its_floor() -> None:
    numbered = number(
        {"sequence": 4, "sent": {"events.rsvp.v1": 3}}, "e1", [message(), message()], {"events.rsvp.v1:e1": 9}
    )
    assert [m["sequence"] for m in numbered.messages] == [10, 11]
    assert numbered.counters["sent"] == {"events.rsvp.v1": 11}


def test_sequences_count_per_topic_and_subject() -> None:
    first = number(counters(None), "e1", [message(), message("g1", "events.join.v1"), message()])
    assert [m["sequence"] for m in first.messages] == [1, 1, 2]
    assert first.position == ("events.rsvp.v1:e1@2", "events.join.v1:g1@1")
    second = number(first.counters, "e1", [message("g1", "events.join.v1")])
    assert second.messages[0]["sequence"] == 2
    assert second.counters["sequence"] == 2


def test_message_less_facts_do_not_move_the_sequences() -> None:
    after = number({"sequence": 4, "sent": {"t": 3}}, "e1", [])
    assert after.counters == {"sequence": 5, "sent": {"t": 3}}


def test_time_never_goes_back() -> None:
    assert later(NOW, None) == NOW
    assert later(NOW, NOW - timedelta(days=1)) == NOW
    assert later(NOW, NOW) > NOW
    assert later(NOW, NOW + timedelta(days=1)) > NOW + timedelta(days=1)


def test_records_are_a_pure_function_of_the_batch() -> None:
    numbered = number(counters(None), "e1", [message(), message()])
    entry = {"actor": "ada", "trace": None, "messages": numbered.messages}
    document = batch("0.0", 7, "mark", NOW, [entry])
    first, second = records(document, "events", topics())
    assert [first, second] == list(records(document, "events", topics()))
    headers = dict(first.headers)
    assert headers["ce_id"] == b"events-0.0-7-1"
    assert dict(second.headers)["ce_id"] == b"events-0.0-7-2"
    assert headers["ce_time"] == b"2026-01-02T03:04:05.678Z"
    assert headers["ce_actor"] == b"ada"


def test_a_line_of_messages_is_put_in_order_and_the_unseen_stay_out() -> None:
    def handoff(id_: str, key: str | None, sequence: int = 0) -> dict[str, object]:
        return {"_id": id_, "source": None if key is None else {"key": key, "sequence": sequence}}

    a3, a1, b1, plain, c1 = (
        handoff("a3", "a", 3),
        handoff("a1", "a", 1),
        handoff("b1", "b", 1),
        handoff("p", None),
        handoff("c1", "c", 1),
    )
    a0 = handoff("a0", "a", 0)
    assert in_order([a3, plain, b1, a1, c1], [a0, a1, a3, b1]) == [a0, plain, b1, a1]


def test_documents_show_each_decision_what_the_ones_before_it_left() -> None:
    documents = Documents()
    documents.load("x", ["1", "2"], [{"_id": "1", "v": 0}])
    documents.put("x", {"_id": "1", "v": 1})
    documents.drop()
    assert documents.get("x", "1") == {"_id": "1", "v": 0}
    documents.put("x", {"_id": "1", "v": 2})
    documents.keep("c1")
    documents.delete("x", "1")
    assert documents.get("x", "1") is None
    documents.keep("c2")
    assert documents.get("x", "1") is None
    assert documents.get("x", "2") is None
    assert documents.owner(Ref("x", "1")) == "c2"
    with pytest.raises(NotRead):
        documents.get("x", "3")


def test_writes_of_a_kind_stand_together_and_what_frees_a_value_comes_first() -> None:
    documents = Documents()
    documents.load("x", ["1", "2", "3", "4", "5"], [{"_id": "2"}, {"_id": "4"}, {"_id": "5"}])
    for id_ in ("1", "2", "3", "4"):
        documents.put("x", {"_id": id_, "v": 1})
    documents.delete("x", "5")
    documents.keep("c1")
    new = [InsertOne({"_id": id_, "v": 1}) for id_ in ("1", "3")]
    changed = [ReplaceOne({"_id": id_}, {"_id": id_, "v": 1}) for id_ in ("2", "4")]
    assert documents.writes() == {"x": [DeleteOne({"_id": "5"}), *changed, *new]}
