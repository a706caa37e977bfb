"""What goes on in groups is counted once, and anew when the topic is read anew."""

import json
from collections import Counter
from collections.abc import Sequence
from random import Random
from time import monotonic

from chassis import consumers, journal
from chassis.consumers.applying import Applier
from chassis.consumers.decode import Decoded, Record, decode
from chassis.mongo import Database, connect
from contracts.examples import examples
from groups_service.consumers import SUBSCRIPTIONS
from groups_service.store import schema

SHOWN = [one for one in examples() if one.topic == "events.event.v1" and one.value is not None]


def records(subjects: Sequence[str], *, first: int = 1) -> list[Decoded]:
    """An event of one group for each subject, published."""
    shown = SHOWN[0]
    found = []
    for number, subject in enumerate(subjects):
        headers = {**shown.headers, "ce_subject": subject, "ce_sequence": str(first), "ce_id": f"{subject}-{first}"}
        value = (shown.value_bytes or b"").replace(shown.value["event_id"].encode(), subject.encode())
        encoded = tuple((name, text.encode()) for name, text in headers.items())
        found.append(decode(Record("events.event.v1", 0, number, 0, subject.encode(), value, encoded)))
    return found


async def events_counted(database: Database) -> int:
    found = await database["activity"].find_one({"_id": SHOWN[0].value["group_id"]})
    return 0 if found is None else int(found["events"])


async def test_events_are_counted_once_and_a_reading_anew_forgets_what_is_gone(mongo_url: str) -> None:
    database = connect(mongo_url)
    try:
        await journal.prepare(database)
        await consumers.prepare(database)
        await schema.prepare(database)
        by_topic = {one.topic: one for one in SUBSCRIPTIONS}
        usual = Applier(database, "groups", by_topic)
        for items in (records(["one"]), records(["two", "three"]), records(["one"]), records(["two"], first=2)):
            await usual.run(items, until=monotonic())
        assert await events_counted(database) == 3
        anew = Applier(database, "groups", by_topic, build=1)
        await anew.run(records(["one"], first=3), until=monotonic())
        await anew.run(records(["three"], first=3), until=monotonic())
        assert await events_counted(database) == 2
    finally:
        database.close()


NOTED = [one for one in examples() if one.topic == "events.attendance.v1"]
DAYS = ("2026-12-01", "2026-12-02")


def notes(seed: int) -> tuple[list[Decoded], Counter[str], Counter[tuple[str, str]]]:
    """Notes, corrections and notes taken back of some people at events of two groups; who came by them to each group,
    and on each day."""
    random, shown = Random(seed), NOTED[0]
    held: dict[tuple[str, str], str | None] = {}
    told: Counter[str] = Counter()
    found = []
    for offset in range(200):
        event, who = random.choice(["g1-a", "g1-b", "g2-a"]), random.choice(["ada", "bo", "cy"])
        was, mark = held.get((event, who)), random.choice(["attended", "attended", "no_show", "excused", None])
        held[event, who] = mark
        told[event] += 1
        said = {"event_id": event, "group_id": event[:2], "member_id": who, "was": was, "mark": mark}
        value = {**shown.value, **said, "starts_at_utc": f"{DAYS[event == 'g1-b']}T18:00:00Z"}
        headers = {"ce_subject": event, "ce_sequence": str(told[event]), "ce_id": f"{event}-{told[event]}"}
        encoded = tuple((name, text.encode()) for name, text in {**shown.headers, **headers}.items())
        record = Record("events.attendance.v1", 0, offset, 0, b"1", json.dumps(value).encode(), encoded)
        found.append(decode(record))
    came = [event for (event, _), mark in held.items() if mark == "attended"]
    days = Counter((event[:2], DAYS[event == "g1-b"]) for event in came)
    return found, Counter(event[:2] for event in came), days


async def test_who_came_is_counted_as_a_naive_reader_would_however_often_it_is_told(mongo_url: str) -> None:
    told, groups, days = notes(11)
    database = connect(mongo_url)
    try:
        await journal.prepare(database)
        await consumers.prepare(database)
        await schema.prepare(database)
        applier = Applier(database, "groups", {one.topic: one for one in SUBSCRIPTIONS})
        random, at = Random(7), 0
        while at < len(told):
            size = random.randint(1, 20)
            for _ in range(2):
                await applier.run(told[at : at + size], until=monotonic())
            at += size
        await applier.run(told, until=monotonic())
        counted = {one["_id"]: one["attended"] for one in await database["activity_attendance"].find({})}
        by_day = {(one["group_id"], one["day"]): one["attended"] for one in await database["activity_days"].find({})}
        assert counted == dict(groups)
        assert {day: number for day, number in by_day.items() if number} == dict(days)
    finally:
        database.close()
