"""A restored database behind what Kafka holds: a new generation of lanes goes on above what was told."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import bank
import pytest
from bank import add
from published import has_published, published

from chassis import topics
from chassis.journal import Journal
from chassis.journal.generation import in_force
from chassis.journal.shape import FLOORS, JOURNAL, LANES
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.reconcile import Auditor, Books, reconcile
from chassis.relay import Relay
from chassis.relay.restored import NotAhead, Renewed, new_generation
from chassis.retention import trim
from contracts.registry import topics as registry
from testkit import eventually

from .damaging import (
    backup,
    one_by_one,
    restore,
    set_position,
)

Start = Callable[..., Awaitable[Journal]]


async def test_after_a_restored_backup_a_new_generation_goes_on_above_what_was_told(
    start_journal: Start, database: Database, bare_kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    """`a` was told of before and after the backup, `b` before, `c` only after; then come decisions nobody was told."""
    await topics.apply(bare_kafka, registry())
    journal, relay = await start_journal(), await start_relay()
    await one_by_one(journal, "aab")
    await eventually(lambda: has_published(bare_kafka, 3), within=60)
    await journal.stop()
    await relay.stop()
    kept = await backup(database)
    journal, relay = await start_journal(), await start_relay()
    await one_by_one(journal, "aaacc")
    await eventually(lambda: has_published(bare_kafka, 8), within=60)
    auditor = Auditor(Books(database, bare_kafka, "events", bank.DECIDERS), full_every=3600)
    assert (await auditor.look()).sound
    await journal.stop()
    await relay.stop()

    await restore(database, kept)
    journal = await start_journal()
    await one_by_one(journal, "ab")
    await start_relay()
    await eventually(lambda: database[LANES].count({"_id": "0.0", "stopped": {"$ne": None}}), within=60)

    skipped: list[int] = []

    async def skip(database: Database, many: int) -> None:
        skipped.append(many)

    begun = await new_generation(database, bare_kafka, "events", registry(), skip=skip)
    assert begun == Renewed(generation=1, lanes=1, forgotten=5, subjects=2, republished=2)
    assert skipped == [5]
    await eventually(lambda: journal.writes, within=60)
    await one_by_one(journal, "abc")
    await eventually(lambda: has_published(bare_kafka, 13), within=60)
    found = await published(bare_kafka)
    told = {who: [sequence for one, sequence, *_ in found if one == who] for who in "abc"}
    assert told == {"a": [1, 2, 3, 4, 5, 6, 7], "b": [1, 2, 3], "c": [1, 2, 3]}
    assert len({id_ for _, _, id_, _ in found}) == 13
    proven = await auditor.look()
    assert proven.sound, proven.document()
    with pytest.raises(NotAhead):
        await new_generation(database, bare_kafka, "events", registry())


async def test_a_new_generation_knows_what_was_trimmed_and_moves_own_text_readably(
    start_journal: Start, database: Database, bare_kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    await topics.apply(bare_kafka, registry())
    books = Books(database, bare_kafka, "events", bank.DECIDERS)
    journal, relay = await start_journal(), await start_relay()
    await one_by_one(journal, "aab")
    await eventually(lambda: has_published(bare_kafka, 3), within=60)
    assert (await reconcile(books)).sound
    assert await trim(database, bare_kafka, "events", keep=timedelta(0)) == {"0.0": 2}
    await journal.stop()
    await relay.stop()
    kept = await backup(database)
    journal, relay = await start_journal(), await start_relay()
    await one_by_one(journal, "aab")
    await eventually(lambda: has_published(bare_kafka, 6), within=60)
    await journal.stop()
    await relay.stop()

    await restore(database, kept)
    journal = await start_journal()
    await journal.run(add("b", name="account.note", note="mine"))
    await start_relay()
    await eventually(lambda: database[LANES].count({"_id": "0.0", "stopped": {"$ne": None}}), within=60)
    begun = await new_generation(database, bare_kafka, "events", registry())
    assert begun == Renewed(generation=1, lanes=1, forgotten=3, subjects=2, republished=1)
    await eventually(lambda: journal.writes, within=60)
    await one_by_one(journal, "a")
    await eventually(lambda: has_published(bare_kafka, 8), within=60)
    found = [(who, sequence, json.loads(value or b"{}")) for who, sequence, _, value in await published(bare_kafka)]
    told = [(who, sequence, value["total"], value.get("note")) for who, sequence, value in found[6:]]
    assert told == [("b", 3, 2, "mine"), ("a", 5, 3, None)]
    assert (await reconcile(books)).sound


@pytest.mark.parametrize("broken_off", ["before the new lanes", "after a batch was moved"])
async def test_a_new_generation_that_was_broken_off_goes_on(
    start_journal: Start,
    database: Database,
    bare_kafka: KafkaSettings,
    monkeypatch: pytest.MonkeyPatch,
    broken_off: str,
) -> None:
    journal = await start_journal()
    kept = await backup(database)
    relay = Relay(database, bare_kafka, "events", lease_seconds=1)
    await relay.start()
    await one_by_one(journal, "aa")
    await eventually(lambda: has_published(bare_kafka, 2), within=60)
    await journal.stop()
    await relay.stop()
    await restore(database, kept)
    journal = await start_journal()
    await one_by_one(journal, "a")
    await one_by_one(journal, "a")
    await journal.stop()
    await set_position(bare_kafka, 50)

    async def breaks(*given: Any) -> None:
        raise ConnectionError("broken off")

    moved = 0
    with monkeypatch.context() as breaking:
        if broken_off == "before the new lanes":
            breaking.setattr("chassis.relay.restored._begin", breaks)
        else:
            real = Database.transaction

            def once(self: Database) -> Any:
                nonlocal moved
                moved += 1
                if moved > 1:
                    raise ConnectionError("broken off")
                return real(self)

            breaking.setattr(Database, "transaction", once)
        with pytest.raises(ConnectionError):
            await new_generation(database, bare_kafka, "events", registry())
    await new_generation(database, bare_kafka, "events", registry())
    assert (await in_force(database)).number == 1
    messages = [m for b in await database[JOURNAL].find({}) for entry in b["entries"] for m in entry["messages"]]
    assert [message["sequence"] for message in messages] == [3, 4]
    (floor,) = await database[FLOORS].find({})
    assert floor["sequence"] == 4
