"""Rule 18: what is published, proved and old goes from the journal, and everything that reads it copes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import bank
import pytest
from bank import add

from chassis.journal import Journal
from chassis.journal.generation import change_lanes
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document, errors
from chassis.reconcile import Books, Report, reconcile
from chassis.relay import Relay
from chassis.retention import trim
from testkit import eventually

Start = Callable[..., Awaitable[Journal]]
AT_ONCE = timedelta(0)


async def report(database: Database, kafka: KafkaSettings) -> Report:
    return await reconcile(Books(database, kafka, "events", bank.DECIDERS))


async def published(database: Database, kafka: KafkaSettings) -> None:
    """Have a relay publish what there is; the books are then proved."""
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()

    async def settled() -> bool:
        return (await report(database, kafka)).settled

    try:
        await eventually(settled, within=60)
    finally:
        await relay.stop()


async def trims(database: Database, kafka: KafkaSettings, *, keep: timedelta) -> dict[str, int]:
    """As the part does it, which tries again when the writer renews its lease on the lane's document just then."""
    while True:
        try:
            return await trim(database, kafka, "events", keep=keep)
        except errors.OperationFailure as error:
            if not error.has_error_label("TransientTransactionError"):
                raise


async def numbers(database: Database) -> list[int]:
    return [batch["_id"]["n"] for batch in await database["journal"].find({}, sort=[("_id", 1)], fields={"_id": 1})]


async def lane(database: Database) -> Document:
    found = await database["lanes"].find_one({"_id": "0.0"})
    assert found is not None
    return found


async def decide(journal: Journal, times: int = 5) -> None:
    for number in range(times):
        await journal.run(add(f"a{number % 3}"))


async def test_nothing_goes_that_is_not_published_proved_and_old(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    await decide(journal)
    assert (await report(database, kafka)).sound
    assert await trims(database, kafka, keep=AT_ONCE) == {"0.0": 0}
    await published(database, kafka)
    await database["lanes"].update_one({"_id": "0.0"}, {"$set": {"confirmed_to": 2}})
    assert await trims(database, kafka, keep=timedelta(days=30)) == {"0.0": 0}
    assert await trims(database, kafka, keep=AT_ONCE) == {"0.0": 2}
    assert await numbers(database) == [3, 4, 5]


async def test_a_trimmed_journal_is_proved_published_and_written_on(
    journal: Journal, start_journal: Start, database: Database, kafka: KafkaSettings
) -> None:
    await decide(journal)
    await published(database, kafka)
    assert await trims(database, kafka, keep=AT_ONCE) == {"0.0": 4}
    assert await numbers(database) == [5]
    assert (await lane(database))["trimmed_to"] == 4
    assert (await report(database, kafka)).settled
    await journal.stop()
    another = await start_journal()
    await asyncio.gather(*[another.run(add(f"a{number}")) for number in range(4)])
    await published(database, kafka)
    assert (await trims(database, kafka, keep=AT_ONCE))["0.0"] > 0
    assert (await report(database, kafka)).settled
    account = await database[bank.ACCOUNTS].find_one({"_id": "a0"})
    assert account is not None
    assert account["total"] == 3


@pytest.mark.parametrize("damage", ["a counter", "a document", "a batch", "an entry"])
async def test_damage_behind_the_trimmed_part_is_still_found(
    journal: Journal, database: Database, kafka: KafkaSettings, damage: str
) -> None:
    await decide(journal)
    await published(database, kafka)
    await trims(database, kafka, keep=AT_ONCE)
    await decide(journal, 3)
    assert (await report(database, kafka)).sound
    match damage:
        case "a counter":
            await database[bank.ACCOUNTS].update_one({"_id": "a2"}, {"$inc": {"journal.sequence": 1}})
        case "a document":
            await database[bank.ACCOUNTS].delete_many({"_id": "a2"})
        case "a batch":
            await database["journal"].delete_many({"_id": {"lane": "0.0", "n": 5}})
        case _:
            await database["journal"].update_one({"_id": {"lane": "0.0", "n": 6}}, {"$set": {"entries": []}})
    assert not (await report(database, kafka)).sound


async def test_unsound_books_confirm_nothing(journal: Journal, database: Database, kafka: KafkaSettings) -> None:
    await decide(journal)
    await database[bank.ACCOUNTS].update_one({"_id": "a2"}, {"$inc": {"journal.sequence": 1}})
    await report(database, kafka)
    assert "confirmed_to" not in await lane(database)


async def test_what_a_crash_left_is_no_part_of_the_journal_and_goes_next_time(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    await decide(journal)
    await published(database, kafka)
    kept = await database["journal"].find({})
    await trims(database, kafka, keep=AT_ONCE)
    await database["journal"].insert_many(kept[:-1])
    assert (await report(database, kafka)).settled
    assert await trims(database, kafka, keep=AT_ONCE) == {"0.0": 4}
    assert await numbers(database) == [5]


async def test_a_lane_that_has_ended_goes_all_but_its_seal_and_holds_up_no_later_one(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    await decide(journal)
    assert (await journal.run(add("a0", limit=1))).refused
    await change_lanes(database, 2)
    await eventually(lambda: journal.held() == 2, within=60)
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()
    try:
        await eventually(lambda: database["relays"].count({"_id": "0.0", "ended": True}), within=60)
    finally:
        await relay.stop()
    await decide(journal)
    await published(database, kafka)
    gone = await trims(database, kafka, keep=AT_ONCE)
    assert gone.pop("0.0") == 6
    assert sum(gone.values()) > 0
    assert (await report(database, kafka)).settled


async def test_two_that_trim_at_once_account_for_everything_once(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    await decide(journal, 12)
    await published(database, kafka)
    await asyncio.gather(*[trim(database, kafka, "events", keep=AT_ONCE) for _ in range(4)], return_exceptions=True)
    await trims(database, kafka, keep=AT_ONCE)
    assert await numbers(database) == [12]
    assert (await report(database, kafka)).settled


async def test_a_relay_whose_place_is_trimmed_away_stops(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    await decide(journal)
    await published(database, kafka)
    await database["lanes"].update_one({"_id": "0.0"}, {"$set": {"trimmed_to": 7}})
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()
    await eventually(relay._working[0].done, within=60)
    await relay.stop()
