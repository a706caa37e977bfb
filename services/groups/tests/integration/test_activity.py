"""What goes on in groups is counted once, and anew when the topic is read anew."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from random import Random
from time import monotonic

import pytest

from chassis import consumers, journal
from chassis.consumers.applying import Applier
from chassis.consumers.decode import Decoded, Record, decode
from chassis.mongo import Database
from contracts.examples import examples
from groups_service.consumers import SUBSCRIPTIONS
from groups_service.store import schema
from testkit.commands import Commands

DAYS = ("2026-12-01", "2026-12-02")
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


@pytest.fixture
async def database(watched: Database) -> Database:
    for made in (journal, consumers, schema):
        await made.prepare(watched)
    return watched


def applier(database: Database, build: int | None = None) -> Applier:
    return Applier(database, "groups", {one.topic: one for one in SUBSCRIPTIONS}, build=build)


async def twice(database: Database, told: Sequence[Decoded]) -> None:
    """Have these taken in some at a time, each batch again, and in the end all again."""
    random, at = Random(7), 0
    while at < len(told):
        size = random.randint(1, 20)
        for _ in range(2):
            await applier(database).run(told[at : at + size], until=monotonic())
        at += size
    await applier(database).run(told, until=monotonic())


async def events_counted(database: Database) -> int:
    found = await database["activity"].find_one({"_id": SHOWN[0].value["group_id"]})
    return 0 if found is None else int(found["events"])


async def test_events_are_counted_once_and_a_reading_anew_forgets_what_is_gone(database: Database) -> None:
    usual = applier(database)
    for items in (records(["one"]), records(["two", "three"]), records(["one"]), records(["two"], first=2)):
        await usual.run(items, until=monotonic())
    assert await events_counted(database) == 3
    anew = applier(database, build=1)
    await anew.run(records(["one"], first=3), until=monotonic())
    await anew.run(records(["three"], first=3), until=monotonic())
    assert await events_counted(database) == 2


ANSWERED = [one for one in examples() if one.topic == "events.rsvp.v1"]
HOMES = {"ada": "Utrecht", "bo": "Utrecht", "cy": "Amsterdam", "dee": None}


def yes(event: str, who: str, day: str, sequence: int) -> Decoded:
    """Somebody says yes on that day. event: its group and a name, with a dash between."""
    shown = ANSWERED[0]
    said = {"event_id": event, "group_id": event.partition("-")[0], "member_id": who, "was": None, "status": "yes"}
    headers = {"ce_subject": event, "ce_sequence": str(sequence), "ce_id": f"{event}-{sequence}"}
    head = {**shown.headers, **headers, "ce_time": f"{day}T18:00:00+00:00"}
    encoded = tuple((name, text.encode()) for name, text in head.items())
    return decode(Record("events.rsvp.v1", 0, 0, sequence, b"1", json.dumps({**shown.value, **said}).encode(), encoded))


def yeses(seed: int) -> tuple[list[Decoded], dict[tuple[str, str], Counter[str]]]:
    """People say yes in two groups, in no order of days; by group and day, how many said so last on it, by home."""
    random = Random(seed)
    last: dict[tuple[str, str], str] = {}
    told: Counter[str] = Counter()
    found = []
    for _ in range(200):
        event, who, day = random.choice(["g1-a", "g1-b", "g2-a"]), random.choice([*HOMES]), random.choice(DAYS)
        last[event[:2], who] = max(day, last.get((event[:2], who), day))
        told[event] += 1
        found.append(yes(event, who, day, told[event]))
    days: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (group, who), day in last.items():
        days[group, day][HOMES[who] or ""] += 1
    return found, days


async def live(database: Database, people: Mapping[str, str | None]) -> None:
    """These people live in these cities."""
    await database["members"].insert_many([{"_id": who, "city": city, "country": "NL"} for who, city in people.items()])


async def test_who_says_yes_counts_for_one_day_and_where_they_live_however_often_it_is_told(database: Database) -> None:
    told, days = yeses(5)
    await live(database, HOMES)
    await twice(database, told)
    counted = {(one["group_id"], one["day"]): one for one in await database["activity_days"].find({})}
    people = {day: one["people"] for day, one in counted.items() if one["people"]}
    assert people == {day: homes.total() for day, homes in days.items()}
    for day, one in counted.items():
        places = {place["city"]: place["people"] for place in one.get("places", {}).values()}
        assert places == {city: number for city, number in days[day].items() if city}
    assert sum(one["first_timers"] for one in counted.values()) == 2 * len(HOMES)


async def test_a_batch_of_yeses_sends_no_command_more_than_once_for_a_collection(
    database: Database, commands: Commands
) -> None:
    people = {f"m{number}": f"City {number % 2}" for number in range(50)}
    await live(database, people)
    wrote = ["update activity_days", "insert activity_people", "update activity_rsvps"]
    for event, looked, written in (
        ("g1-a", ["aggregate activity_people", "aggregate privacy_cases", "aggregate members"], wrote),
        ("g1-b", ["aggregate activity_people"], ["update activity_rsvps"]),
    ):
        commands.sent.clear()
        said = [yes(event, who, DAYS[0], number) for number, who in enumerate(people, 1)]
        await applier(database).run(said, until=monotonic())
        assert commands.sent == ["find marks", *looked, *written, "update marks", "commitTransaction"]


NOTED = [one for one in examples() if one.topic == "events.attendance.v1"]


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


async def test_who_came_is_counted_as_a_naive_reader_would_however_often_it_is_told(database: Database) -> None:
    told, groups, days = notes(11)
    await twice(database, told)
    counted = {one["_id"]: one["attended"] for one in await database["activity_attendance"].find({})}
    by_day = {(one["group_id"], one["day"]): one["attended"] for one in await database["activity_days"].find({})}
    assert counted == dict(groups)
    assert {day: number for day, number in by_day.items() if number} == dict(days)
