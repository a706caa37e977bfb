"""The reconciler says 0 of sound books, whatever is under way, and does its work in one process of a service."""

import asyncio

import bank
from bank import add
from proving import TOPIC, books_of, consuming, reconciling, relaying, settled, shown
from structlog.testing import capture_logs

from chassis.consumers import prepare as prepare_consumers
from chassis.journal import Journal
from chassis.journal.generation import change_lanes
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.reconcile import Auditor, Books, reconcile
from testkit import eventually


async def test_a_quiet_service_has_nothing_wrong_and_nothing_left(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    await asyncio.gather(*[journal.run(add(f"a{i % 5}")) for i in range(40)])
    before = await reconcile(books_of(database, kafka))
    assert (before.sound, before.settled, before.confirmed) == (True, False, {"0.0": 0})
    async with relaying(database, kafka):
        await eventually(lambda: settled(books_of(database, kafka)), within=60)
    after = await reconcile(books_of(database, kafka))
    assert after.counted == {"entries": 40, "aggregates": 5}
    (lane,) = await database["lanes"].find({"_id": "0.0"})
    assert after.confirmed == {"0.0": lane["confirmed_to"]}
    assert lane["confirmed_to"] > 0


async def test_work_under_way_is_no_damage(journal: Journal, database: Database, kafka: KafkaSettings) -> None:
    """Writer, relay and consumer work and the lanes change, while passes are made: by a reconciler that reads all again
    each time, and by one that remembers."""
    books = books_of(database, kafka, read=True)
    auditor = Auditor(books, full_every=3600)

    async def work() -> None:
        for turn in range(40):
            await asyncio.gather(*[journal.run(add(f"a{i % 7}"), deadline=30) for i in range(20)])
            if turn == 20:
                await change_lanes(database, 2)

    with capture_logs() as logged:
        async with relaying(database, kafka), consuming(database, kafka), reconciling(books) as reconciler:
            working = asyncio.create_task(work())
            while not working.done():
                found = await auditor.look()
                assert found.sound, found.document()
            await working
            await eventually(lambda: settled(books), within=60)
            passes = reconciler.progress()["passes"]
            await eventually(lambda: reconciler.progress()["passes"] > max(passes, 3), within=60)
            assert shown("convene_reconcile_damage") == 0
    assert [one for one in logged if one["event"] == "the books do not agree"] == []
    assert (await auditor.look()).counted == {"entries": 800, "aggregates": 7}


async def test_what_a_later_pass_does_not_read_again_is_counted_again(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    for _ in range(3):
        await journal.run(add("a"))
    auditor = Auditor(books_of(database, kafka), full_every=3600)
    assert (await auditor.look()).sound
    await database["journal"].delete_many({"_id": {"lane": "0.0", "n": 2}})
    assert (await auditor.look()).damage["batches_missing"] == 1
    assert (await auditor.look()).damage["batches_missing"] == 1, "damage stays until it is mended"


async def test_what_was_trimmed_is_not_missing(journal: Journal, database: Database, kafka: KafkaSettings) -> None:
    books = books_of(database, kafka, read=True)
    async with relaying(database, kafka), consuming(database, kafka):
        for _ in range(5):
            await journal.run(add("a"))
        await eventually(lambda: settled(books), within=60)
        await database["lanes"].update_one({"_id": "0.0"}, {"$set": {"trimmed_to": 3}})
        await database["trimmed"].insert_one({"_id": "a", "v": 1, "sequence": 3, "sent": {TOPIC: 3}})
        assert (await reconcile(books)).sound
        await database["journal"].delete_many({"_id": {"$lte": {"lane": "0.0", "n": 3}}})
        await journal.run(add("a"))
        await eventually(lambda: settled(books), within=60)


async def test_one_process_of_a_service_does_it(database: Database, kafka: KafkaSettings) -> None:
    books = books_of(database, kafka)
    async with reconciling(books) as first:
        await eventually(lambda: first.progress().get("passes"), within=60)
        async with reconciling(books) as second:
            await eventually(lambda: first.progress()["passes"] > 3, within=60)
            assert second.progress() == {"held": False}
            await first.stop()
            await eventually(lambda: second.progress().get("passes"), within=60)


async def test_what_a_group_has_not_read_is_counted(database: Database, kafka: KafkaSettings, journal: Journal) -> None:
    for _ in range(3):
        await journal.run(add("a"))
    await prepare_consumers(database)
    books = Books(database, kafka, "events", bank.DECIDERS, consumed=[TOPIC], group=f"{kafka.prefix}none")
    async with relaying(database, kafka):

        async def unread() -> bool:
            return (await reconcile(books)).behind["unread_records"] == 3

        await eventually(unread, within=60)
