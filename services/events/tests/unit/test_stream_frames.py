"""Records become frames, and gaps are judged."""

import json

import pytest

from events_service.stream import framing
from events_service.stream.framing import Framing, chunked, frame, unchunked
from events_service.stream.gap import Bounds, Missing, judged
from events_service.stream.record import Entry, Unreadable, entry

RSVP = {
    "response": "no",
    "rsvp_id": 9,
    "event": {"event_id": "e"},
    "group": {
        "group_id": 1,
        "group_urlname": "b",
        "group_country": "de",
        "group_topics": [],
        "group_lat": 52.5,
        "group_lon": 13.4,
    },
}


def test_a_frame_has_event_id_and_data() -> None:
    assert (
        frame(Framing.SSE, Entry(0, 1, 9, b'{"a":1}\n', None), b"[7]") == b'event: message\nid: [7]\ndata: {"a":1}\n\n'
    )


def test_a_tombstone_is_told_where_it_can_be() -> None:
    gone = Entry(0, 1, 9, None, None)
    assert frame(Framing.SSE, gone, b"[7]") == b'event: deleted\nid: [7]\ndata: {"rsvp_id":9}\n\n'
    assert frame(Framing.NDJSON, gone, b"[7]") == b'{"deleted":true,"rsvp_id":9}\n'
    assert frame(Framing.MEETUP, gone, b"[7]") == b""


def test_meetups_clients_get_a_chunk_per_object() -> None:
    frames = [b'{"a":1}\n', b"", b'{"b":2}\n']
    assert chunked(Framing.MEETUP, frames) == b'8\r\n{"a":1}\n\r\n8\r\n{"b":2}\n\r\n'
    assert chunked(Framing.NDJSON, frames) == b'10\r\n{"a":1}\n{"b":2}\n\r\n'


def test_without_chunks_the_same_is_told() -> None:
    frames = [b'{"a":1}\n', b"0\r\n\r\n" * 9, b'{"b":2}\n']
    for kind in Framing:
        assert unchunked(chunked(kind, frames) + b"0\r\n\r\n") == b"".join(frames)
    assert unchunked(b"") == b""


@pytest.mark.parametrize("kind", list(Framing))
def test_nothing_to_tell_never_ends_the_answer(kind: Framing) -> None:
    assert chunked(kind, []) == chunked(kind, [b""]) == b""


def test_signs_of_life_carry_the_position_where_they_can() -> None:
    assert framing.heartbeat(Framing.SSE, b"[7]") == b"15\r\n: heartbeat\nid: [7]\n\n\r\n"
    assert framing.heartbeat(Framing.MEETUP, b"[7]") == b"1\r\n\n\r\n"


def test_being_put_off_is_an_empty_stream_to_a_program() -> None:
    assert framing.put_off(3000, "not now") == b"retry: 3000\n: not now\n\n"


def test_a_value_with_line_breaks_stays_one_line() -> None:
    found = entry(0, 0, b"9", json.dumps(RSVP, indent=1).encode())
    assert found is not None
    assert found.line is not None
    assert found.line.count(b"\n") == 1
    assert json.loads(found.line) == RSVP


def test_the_reserved_key_is_nobodys() -> None:
    assert entry(0, 0, b"0", None) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [(None, b"{}"), (b"x", None), (b"9", b"{"), (b"9", b"[]"), (b"9", b"{}"), (b"9", b"\xff"), (b"9", b"[" * 100_000)],
)
def test_what_is_no_rsvp_is_refused(key: bytes | None, value: bytes | None) -> None:
    with pytest.raises(Unreadable):
        entry(0, 0, key, value)


BOUNDS = Bounds(begin=(10, 0), whole=(20, 0), end=(30, 5))


@pytest.mark.parametrize(
    ("at", "going_on", "missing"),
    [
        ((20, 0), (20, 0), ()),
        ((30, 5), (30, 5), ()),
        ((19, 0), (19, 0), (Missing(0, 19, 20, "expired"),)),
        ((3, 0), (10, 0), (Missing(0, 3, 20, "expired"),)),
        ((31, 6), (30, 5), (Missing(0, 31, 30, "beyond-the-end"), Missing(1, 6, 5, "beyond-the-end"))),
    ],
)
def test_gaps_are_named(at: tuple[int, ...], going_on: tuple[int, ...], missing: tuple[Missing, ...]) -> None:
    assert judged(at, BOUNDS) == (going_on, missing)


def test_a_quiet_partition_is_no_gap() -> None:
    assert judged((30,), Bounds(begin=(10,), whole=(30,), end=(30,))) == ((30,), ())
