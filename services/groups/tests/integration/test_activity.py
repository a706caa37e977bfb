"""What goes on in groups is counted once, and anew when the topic is read anew."""

from collections.abc import Sequence
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
