"""Ids of the stream: written and read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_service.stream import position
from events_service.stream.position import Foreign, Junk, Place

TOPIC = "public.rsvps.v1"
vectors = st.lists(st.integers(0, 2**62), min_size=1, max_size=8).map(tuple)


@given(vectors)
def test_what_is_written_is_read(vector: tuple[int, ...]) -> None:
    text = position.written(TOPIC, vector).decode()
    assert position.read(text, TOPIC, len(vector)) == tuple(Place(offset=offset) for offset in vector)


def test_an_id_is_a_json_array_that_names_the_next_offset_of_every_partition() -> None:
    assert json.loads(position.written(TOPIC, (3, 0))) == [
        {"topic": TOPIC, "partition": 0, "offset": 3},
        {"topic": TOPIC, "partition": 1, "offset": 0},
    ]


def test_times_and_the_end_may_stand_for_offsets_and_order_means_nothing() -> None:
    text = json.dumps(
        [{"topic": TOPIC, "partition": 1, "timestamp": 5}, {"topic": TOPIC, "partition": 0, "offset": -1, "x": 1}]
    )
    assert position.read(text, TOPIC, 2) == (Place(offset=-1), Place(timestamp=5))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "17",
        "{}",
        "[]",
        "[1]",
        "[" * 5000,
        '[{"topic":"public.rsvps.v1"}]',
        '[{"topic":"public.rsvps.v1","partition":0}]',
        '[{"topic":"public.rsvps.v1","partition":0,"offset":-2}]',
        '[{"topic":"public.rsvps.v1","partition":0,"offset":1.5}]',
        '[{"topic":"public.rsvps.v1","partition":0,"offset":true}]',
        '[{"topic":"public.rsvps.v1","partition":0,"offset":"1"}]',
        '[{"topic":"public.rsvps.v1","partition":0,"offset":9223372036854775808}]',
        '[{"topic":"public.rsvps.v1","partition":0,"timestamp":-1}]',
        '[{"topic":"public.rsvps.v1","partition":1,"offset":1}]',
        '[{"topic":"public.rsvps.v1","partition":-1,"offset":1}]',
        '[{"topic":["public.rsvps.v1"],"partition":0,"offset":1}]',
        '[{"partition":0,"offset":1}]',
        '[{"topic":"public.rsvps.v1","partition":0,"offset":1},{"topic":"public.rsvps.v1","partition":0,"offset":2}]',
        "[" + " " * 70_000 + "]",
    ],
)
def test_junk_is_refused(text: str) -> None:
    with pytest.raises(Junk):
        position.read(text, TOPIC, 1)


def test_a_partition_that_is_not_named_would_be_skipped() -> None:
    with pytest.raises(Junk, match="1 of 2"):
        position.read(position.written(TOPIC, (4,)).decode(), TOPIC, 2)


def test_another_topic_is_told_apart_from_junk() -> None:
    with pytest.raises(Foreign):
        position.read(position.written("groups.member.v1", (4,)).decode(), TOPIC, 1)


@given(st.text(max_size=200))
def test_no_text_does_harm(text: str) -> None:
    with pytest.raises((Junk, Foreign)):
        position.read(text, TOPIC, 2)
