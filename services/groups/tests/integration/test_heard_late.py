"""Of who is forgotten nothing is made again by what is heard late; who has come back is heard from then on."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from time import monotonic

import pytest

from chassis import consumers, journal, privacy
from chassis.clock import utc_now
from chassis.consumers.applying import Applier
from chassis.consumers.decode import Decoded, Record, decode
from chassis.mongo import Database, Document, connect
from contracts.events import JoinAsked, MemberSeen, RsvpChanged
from contracts.examples import examples
from groups_service.consumers import SUBSCRIPTIONS
from groups_service.handlers.member import REGISTER
from groups_service.handlers.membership import JOIN_FOR_EVENT
from groups_service.store import schema


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[Database]:
    found = connect(mongo_url)
    await journal.prepare(found)
    await consumers.prepare(found)
    await privacy.prepare(found)
    await schema.prepare(found)
    yield found
    found.close()


def heard(topic: str, at: datetime, sequence: int = 1, /, **said: object) -> Decoded:
    """The first example of the topic, said about Ada at that time."""
    shown = next(one for one in examples() if one.topic == topic)
    subject = "ada" if topic == MemberSeen.topic else "park"
    about = {"ce_subject": subject, "ce_sequence": str(sequence), "ce_id": f"{topic}-{sequence}"}
    head = {**shown.headers, **about, "ce_time": at.isoformat()}
    value = json.dumps({**shown.value, "member_id": "ada", **said}).encode()
    encoded = tuple((name, text.encode()) for name, text in head.items())
    return decode(Record(topic, 0, sequence, 0, subject.encode(), value, encoded))


def case(stage: str, at: datetime, kind: str = "erasure") -> Document:
    """A request of Ada's, as it stands here."""
    ids = {"_id": f"case-{kind}", "v": 1, "request_id": kind, "member_id": "ada", "kind": kind}
    return {**ids, "stage": stage, "asked_at": at, "issued_at": None, "created_at": at, "updated_at": at}


ALL = ([REGISTER, JOIN_FOR_EVENT], 1)


@pytest.mark.parametrize("known", [True, False], ids=["known", "never heard of"])
@pytest.mark.parametrize(
    ("kind", "stage", "minutes", "comes_to"),
    [
        ("erasure", "answered", -1, ([], 0)),
        ("erasure", "answered", 0, ([], 0)),
        ("erasure", "answered", 1, ALL),
        ("erasure", "open", -1, ([], 0)),
        ("erasure", "announced", -1, ALL),
        ("export", "answered", -1, ALL),
    ],
)
async def test_what_is_heard_late_of_who_is_forgotten_makes_nothing_of_them_again(
    *, database: Database, kind: str, stage: str, minutes: int, known: bool, comes_to: tuple[list[str], int]
) -> None:
    since = utc_now().replace(microsecond=0)  # the database keeps milliseconds
    await database[privacy.CASES].insert_one(case(stage, since, kind))
    if known:
        gone = {"_id": "ada", "erased": stage == "answered" and kind == "erasure", "city": None, "country": None}
        await database["members"].insert_one(gone)
    at = since + timedelta(minutes=minutes)
    said = {"was": None, "status": "yes"}
    late = [heard(MemberSeen.topic, at), heard(JoinAsked.topic, at), heard(RsvpChanged.topic, at, 1, **said)]
    await Applier(database, "groups", {one.topic: one for one in SUBSCRIPTIONS}).run(late, until=monotonic())
    assert await database["parked"].count({}) == 0
    commands = [one["name"] for one in await database["handoffs"].find({}, sort=[("at", 1)])]
    assert (commands, await database["activity_people"].count({})) == comes_to


FIRST, SECOND, THIRD = (datetime.fromisoformat(f"2026-12-0{day}T18:00:00+00:00") for day in (1, 2, 3))


def yeses(*times: datetime) -> list[Decoded]:
    said = {"was": None, "status": "yes", "group_id": "moms"}
    return [heard(RsvpChanged.topic, at, number, **said) for number, at in enumerate(times, start=1)]


async def counted(database: Database, items: list[Decoded], *, at_once: bool) -> list[Document]:
    """The days of the group, once Ada's yeses are heard."""
    await database["members"].insert_one({"_id": "ada", "city": "Urk", "country": "NL"})
    applier = Applier(database, "groups", {one.topic: one for one in SUBSCRIPTIONS})
    for batch in [items] if at_once else [[item] for item in items]:
        await applier.run(batch, until=monotonic())
    assert await database["parked"].count({}) == 0
    return await database["activity_days"].find({"group_id": "moms"}, sort=[("day", 1)])


AT_ONCE = pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])


@AT_ONCE
async def test_a_first_yes_and_a_return_are_counted_on_their_days_however_they_are_read(
    *, database: Database, at_once: bool
) -> None:
    days = await counted(database, yeses(FIRST, SECOND, SECOND, FIRST, THIRD), at_once=at_once)
    assert [figures(one) for one in days] == [("1", 0, 1, 0), ("2", 0, 0, 1), ("3", 1, 0, 1)]
    assert [one["places"] for one in days] == [{}, {}, {"nl-urk": {"people": 1, "city": "Urk", "country": "NL"}}]
    [person] = await database["activity_people"].find({})
    assert person["last_day"] == "2026-12-03"


@AT_ONCE
async def test_an_earlier_day_that_is_heard_later_is_no_news_however_it_is_read(
    *, database: Database, at_once: bool
) -> None:
    days = await counted(database, yeses(SECOND, FIRST, THIRD), at_once=at_once)
    assert [figures(one) for one in days] == [("2", 0, 1, 0), ("3", 1, 0, 1)]


def figures(day: Document) -> tuple[str, int, int, int]:
    """Which one it is, for how many it is the last, first-timers and returners."""
    return day["day"][-1], day["people"], day.get("first_timers", 0), day.get("returners", 0)
