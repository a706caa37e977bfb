"""Requests to the stream: what they mean and what is refused."""

import pytest

from events_service.stream.framing import Framing
from events_service.stream.record import Entry, entry
from events_service.stream.selection import EVERYTHING, BadParameter, Circle, Selection
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
        {"near": "52.5"},
        {"near": "91,0"},
        {"near": "0,-180.1"},
        {"near": "52.5,nan"},
        {"near": "1,2,3,4"},
        {"near": "52.5,13.4", "radius_km": "0"},
        {"near": "52.5,13.4", "radius_km": "501"},
        {"near": "52.5,13.4", "radius_km": "nan"},
        {"near": "52.5,13.4", "radius_km": "far"},
        {"radius_km": "5"},
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
    with pytest.raises(BadParameter):
        wished({"near": ["1,2", "3,4"]}, None, None, default_heartbeat=15.0)


def test_whoever_asks_for_jsonp_is_told_that_there_is_none() -> None:
    with pytest.raises(BadParameter, match="JSONP"):
        wished_by_meetup({"callback": ["f"]}, None)


VALUE = (
    b'{"response":"yes","rsvp_id":9,"event":{"event_id":"Ev1"},"group":{"group_id":5,"group_urlname":"Bakers",'
    b'"group_country":"de","group_lat":52.5,"group_lon":13.4,"group_topics":[{"urlkey":"bread","topic_name":"Bread"}]}}'
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
        ({"near": "52.5,13.4"}, True),
        ({"near": "52.39, 13.06"}, False),
        ({"near": "52.39,13.06", "radius_km": "30"}, True),
        ({"near": "52.5,13.4", "response": "no"}, False),
    ],
)
def test_readers_choose(parameters: dict[str, str], wanted: bool) -> None:
    rsvp = entry(0, 0, b"9", VALUE)
    assert rsvp is not None
    assert asked(**parameters).selection.wants(rsvp) is wanted


def test_near_is_where_the_venue_is() -> None:
    value = b'{"venue":{"lat":-36.85,"lon":174.76},' + VALUE[1:]
    rsvp = entry(0, 0, b"9", value)
    assert rsvp is not None
    assert not asked(near="52.5,13.4").selection.wants(rsvp)
    assert asked(near="-36.8,174.8").selection.wants(rsvp)


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ((52.52, 13.405), (48.8566, 2.3522), 877.5),
        ((0.0, 179.9), (0.0, -179.9), 22.2),
        ((89.9, 0.0), (89.9, 180.0), 22.2),
        ((0.0, 0.0), (0.0, 180.0), 20015.1),
    ],
)
def test_a_circle_is_on_the_globe(one: tuple[float, float], other: tuple[float, float], km: float) -> None:
    assert Circle(*one, km + 0.5).holds(other)
    assert not Circle(*one, km - 0.5).holds(other)


def test_a_tombstone_is_for_everybody() -> None:
    assert Selection(country=frozenset({"us"})).wants(Entry(0, 1, 9, None, None))
    assert Selection(near=Circle(0.0, 0.0, 1.0)).wants(Entry(0, 1, 9, None, None))
