"""Whatever position a reader comes with, and however slow it is: it is told everything beyond it once, in order.

The log is made up: partitions with offsets that nobody sees. The ring is filled from it in one order of merging, the
reader's position comes from another; the reader goes through `Merge` and `Cursor` as it does over a real log.
"""

import json
from dataclasses import dataclass
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from events_service.stream import position
from events_service.stream.cursor import Cursor
from events_service.stream.framing import Framing, frame
from events_service.stream.merge import Merge
from events_service.stream.position import Vector
from events_service.stream.record import Entry
from events_service.stream.ring import Ring
from events_service.stream.selection import EVERYTHING

TOPIC = "t"
BIG = 1 << 30


@dataclass(frozen=True)
class Record:
    offset: int
    timestamp: int


@dataclass(frozen=True)
class Log:
    """parts: by partition, its records; ends: the position behind everything, also behind what nobody sees."""

    parts: tuple[tuple[Record, ...], ...]
    ends: Vector


@st.composite
def logs(draw: st.DrawFn) -> Log:
    parts, ends = [], []
    for _ in range(draw(st.integers(1, 3))):
        records, at = [], 0
        for skipped, timestamp in draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=8)):
            at += skipped
            records.append(Record(at, timestamp))
            at += 1
        parts.append(tuple(records))
        ends.append(at + draw(st.integers(0, 2)))
    return Log(tuple(parts), tuple(ends))


def told_entry(partition: int, record: Record) -> Entry:
    number = partition * 1000 + record.offset
    return Entry(partition, record.offset, number, json.dumps({"n": number}).encode() + b"\n", None)


def beyond(log: Log, vector: Vector) -> list[list[int]]:
    """By partition, the offsets that a reader at `vector` has yet to hear of."""
    return [
        [record.offset for record in part if record.offset >= at] for part, at in zip(log.parts, vector, strict=True)
    ]


def by_partition(heard: list[Entry], partitions: int) -> list[list[int]]:
    return [[one.offset for one in heard if one.partition == p] for p in range(partitions)]


def heard_in(wire: bytes, log: Log) -> list[tuple[Entry, Vector]]:
    """What SSE bytes tell: entries and the positions after them."""
    found = []
    for block in wire.split(b"event: message\nid: ")[1:]:
        name, _, rest = block.partition(b"\ndata: ")
        places = position.read(name.decode(), TOPIC, len(log.ends))
        partition, offset = divmod(json.loads(rest.split(b"\n")[0])["n"], 1000)
        after = tuple(place.offset for place in places if place.offset is not None)
        found.append((told_entry(partition, Record(offset, 0)), after))
    return found


class Tail:
    """Fills the ring, in an order that the test draws."""

    def __init__(self, log: Log, ring: Ring, start: Vector) -> None:
        self.log, self.ring, self.at = log, ring, start

    def more(self, chance: Random) -> bool:
        """One record, or the step over what nobody sees; False at the end."""
        open_ones = [p for p, end in enumerate(self.log.ends) if self.at[p] < end]
        if not open_ones:
            return False
        partition = chance.choice(open_ones)
        next_one = next((r for r in self.log.parts[partition] if r.offset >= self.at[partition]), None)
        if next_one is None:
            self.at = position.advanced(self.at, partition, self.log.ends[partition])
        else:
            self.at = position.advanced(self.at, partition, next_one.offset + 1)
            self.ring.append(told_entry(partition, next_one), self.at)
        self.ring.moved(self.at)
        if chance.random() < 0.5:
            self.ring.tick()
        return True


def from_log(log: Log, start: Vector, stop: Vector, most: int) -> tuple[list[Entry], Vector]:
    merge: Merge[Record] = Merge(start, stop)
    told: list[Entry] = []
    while len(told) < most and not merge.done:
        popped = merge.pop()
        if popped is None:
            for p in merge.needed():
                merge.put(p, [r for r in log.parts[p] if r.offset >= start[p]], log.ends[p])
            continue
        told.append(told_entry(*popped))
    return told, merge.position


def some_vector(log: Log, chance: Random) -> Vector:
    return tuple(chance.randint(0, end) for end in log.ends)


@given(logs(), st.integers(0, 1 << 32).map(Random))
def test_everything_once_in_order_and_every_id_resumes(log: Log, chance: Random) -> None:
    start = some_vector(log, chance)
    tail = Tail(log, Ring(TOPIC, start, max_bytes=chance.choice([0, 1300, BIG]), hidden=lambda _: False), start)
    came_with = some_vector(log, chance)
    cursor = Cursor(TOPIC, came_with, Framing.SSE, EVERYTHING)
    heard: list[tuple[Entry, Vector]] = []
    more = True
    while more or not (cursor.seated(tail.ring) and cursor.waits()):
        if more and chance.random() < 0.5:
            more = tail.more(chance)
        elif not cursor.seated(tail.ring):
            stop = position.furthest(tail.ring.start, cursor.vector)
            told, reached = from_log(log, cursor.vector, stop, most=2)
            at = cursor.vector
            for one in told:
                at = position.advanced(at, one.partition, one.offset + 1)
                heard.append((one, at))
            cursor.moved(reached)
        else:
            heard += heard_in(cursor.take(chance.choice([1, BIG])), log)
        if not more:
            tail.ring.tick()
        assert by_partition([one for one, _ in heard], len(log.ends)) == [
            offsets[: len(mine)]
            for offsets, mine in zip(
                beyond(log, came_with), by_partition([one for one, _ in heard], len(log.ends)), strict=True
            )
        ]
    assert by_partition([one for one, _ in heard], len(log.ends)) == beyond(log, came_with)
    for count, (_, after) in enumerate(heard, start=1):
        rest = by_partition([one for one, _ in heard[count:]], len(log.ends))
        assert rest == beyond(log, after), "an id must name exactly what is still to come"


@given(logs(), st.integers(0, 1 << 32).map(Random))
def test_readers_who_have_been_at_the_same_place_are_told_the_same_bytes(log: Log, chance: Random) -> None:
    ring = Ring(TOPIC, (0,) * len(log.ends), max_bytes=BIG, hidden=lambda _: False)
    tail = Tail(log, ring, ring.start)
    early = Cursor(TOPIC, ring.start, Framing.SSE, EVERYTHING)
    heard: list[tuple[Entry, Vector]] = []
    stood: list[tuple[Vector, int]] = []
    more = True
    while more:
        more = tail.more(chance)
        assert early.seated(ring)
        heard += heard_in(early.take(BIG), log)
        stood.append((early.vector, len(heard)))
    ring.tick()
    assert early.seated(ring)
    heard += heard_in(early.take(BIG), log)
    for place, count in stood:
        late = Cursor(TOPIC, place, Framing.SSE, EVERYTHING)
        rest: list[tuple[Entry, Vector]] = []
        while not (late.seated(ring) and late.waits()):
            rest += heard_in(late.take(BIG), log)
        assert rest == heard[count:]


@given(logs(), st.integers(0, 1 << 32).map(Random))
def test_the_merge_does_not_depend_on_how_records_arrive(log: Log, chance: Random) -> None:
    start = some_vector(log, chance)
    stop = tuple(max(s, e) for s, e in zip(start, some_vector(log, chance), strict=True))
    merge: Merge[Record] = Merge(start, stop)
    given_up_to = list(start)
    found: list[Entry] = []
    while not merge.done:
        popped = merge.pop()
        if popped is not None:
            found.append(told_entry(*popped))
        for p in merge.needed():
            here = [r for r in log.parts[p] if r.offset >= given_up_to[p]]
            some = here[: chance.randint(1, 3)]
            given_up_to[p] = log.ends[p] if len(some) == len(here) else some[-1].offset + 1
            merge.put(p, some, given_up_to[p])
    assert found == from_log(log, start, stop, BIG)[0]
    assert merge.position == stop


def test_what_was_buried_is_not_shown_any_more() -> None:
    buried: set[int] = set()
    ring = Ring(TOPIC, (0,), max_bytes=BIG, hidden=lambda entry: entry.rsvp_id in buried)
    for offset in range(3):
        ring.append(told_entry(0, Record(offset, 0)), (offset + 1,))
    ring.tick()
    buried.add(1)
    reader = Cursor(TOPIC, (0,), Framing.MEETUP, EVERYTHING)
    assert reader.seated(ring)
    assert reader.take(BIG) == b'9\r\n{"n": 0}\n\r\n9\r\n{"n": 2}\n\r\n'
    assert ring.last_matching(2, EVERYTHING) == 0
    assert ring.last_matching(3, EVERYTHING) is None
    assert frame(Framing.MEETUP, told_entry(0, Record(0, 0)), b"") == b'{"n": 0}\n'
