"""Requests to the stream: what they mean and what is refused."""

import pytest

from events_service.stream.framing import Framing
from events_service.stream.record import Entry, entry
from events_service.stream.selection import EVERYTHING, BadParameter, Selection
from events_service.stream.wish import Last, Now, Resume, Since, Wish, negotiated, wished, wished_by_meetup


def asked(last: str | None = None, accept: str | None = None, **parameters: str) -> Wish:
    return wished({name: [value] for name, value in parameters.items()}, last, accept, default_heartbeat=15.0)


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        (None, "text/event-stream"),
        ("*/*", "text/event-stream"),
        ("text/html, */*;q=0.1", "text/event-stream"),
        ("text/event-stream", "text/event-stream"),
        ("application/json", "application/json"),
        ("Application/X-NDJSON; q=1.0", "application/x-ndjson"),
        ("application/json;q=0.5, text/event-stream;q=0.9", "text/event-stream"),
        ("application/json;q=0", "text/event-stream"),
        ("text/event-stream;q=0.1,application/x-ndjson;q=0.2", "application/x-ndjson"),
    ],
)
def test_the_accept_header_chooses_the_transport(accept: str | None, found: str) -> None:
    assert negotiated(accept) == found


def test_without_anything_a_reader_starts_now() -> None:
    assert asked() == Wish(Framing.SSE, "text/event-stream", EVERYTHING, Now(), 15.0)
    assert wished_by_meetup({"trickle": [""]}, None) == Wish(
        Framing.MEETUP, "application/json", EVERYTHING, Now(), None
    )
    assert asked(accept="application/json").heartbeat is None


def test_the_first_of_the_starts_counts() -> None:
    assert asked("[]", since="1", since_mtime="2").start == Resume("[]")
    assert asked(since="1", since_mtime="2").start == Since(1)
    assert asked(since_mtime="2").start == Since(2)
    assert asked(since_count="3").start == Last(3)
    assert asked(since_count="0").start == Now()


@pytest.mark.parametrize(
    "text",
    ["1970-01-02T00:00:00Z", "1970-01-02", "1970-01-02T01:00:00+01:00", "1970-01-02T01:00:00 01:00", "86400000"],
)
def test_times_are_milliseconds_or_iso_8601(text: str) -> None:
    assert asked(since=text).start == Since(86_400_000)


@pytest.mark.parametrize(
    "parameters",
    [
        {"since": "yesterday"},
        {"since": "-5"},
        {"since_mtime": "1.5"},
        {"since_mtime": "1e9"},
        {"since_mtime": "2026-01-01"},
        {"since_mtime": "1", "since_count": "1"},
        {"since_count": "10001"},
        {"since_count": "x"},
        {"heartbeat": "0"},
        {"heartbeat": "nan"},
        {"heartbeat": "301"},
        {"response": "maybe"},
        {"group_id": "abc"},
        {"event_id": ",".join(map(str, range(101)))},
    ],
)
def test_what_makes_no_sense_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(BadParameter):
        asked(**parameters)
    with pytest.raises(BadParameter):
        asked("[]", **parameters)


def test_one_parameter_twice_is_refused() -> None:
    with pytest.raises(BadParameter):
        wished({"since": ["1", "2"]}, None, None, default_heartbeat=15.0)


VALUE = (
    b'{"response":"yes","rsvp_id":9,"event":{"event_id":"Ev1"},"group":{"group_id":5,"group_urlname":"Bakers",'
    b'"group_country":"de","group_topics":[{"urlkey":"bread","topic_name":"Bread"}]}}'
)


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({"event_id": "Ev1"}, True),
        ({"event_id": "ev1"}, False),
        ({"event_id": "x, Ev1"}, True),
        ({"group_id": "005"}, True),
        ({"group_id": "55"}, False),
        ({"group_urlname": "bAKERS"}, True),
        ({"country": "DE"}, True),
        ({"country": "us"}, False),
        ({"topic": "tea,Bread"}, True),
        ({"topic": "tea"}, False),
        ({"response": "yes"}, True),
        ({"response": "no"}, False),
        ({"country": "de", "response": "no"}, False),
        ({"country": ""}, True),
    ],
)
def test_readers_choose(parameters: dict[str, str], wanted: bool) -> None:
    rsvp = entry(0, 0, b"9", VALUE)
    assert rsvp is not None
    assert asked(**parameters).selection.wants(rsvp) is wanted


def test_a_tombstone_is_for_everybody() -> None:
    assert Selection(country=frozenset({"us"})).wants(Entry(0, 1, 9, None, None))
