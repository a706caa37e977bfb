"""Rule 19: people's own text is sealed under a key of their own wherever the journal keeps it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import make_dataclass
from datetime import timedelta
from secrets import token_urlsafe

import bank
import pytest
from bank import add
from published import published

from chassis import clock
from chassis.journal import HANDOFFS, Command, Journal, forget, hand_over
from chassis.journal.decision import fact_document
from chassis.journal.keyring import Keyring, NoSecret
from chassis.journal.vault import Vault
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document
from chassis.reconcile import Books, reconcile
from chassis.relay import Relay
from chassis.sealing import Sealer
from testkit import eventually

Start = Callable[..., Awaitable[Journal]]
TEXT = "I like my privacy"


def note(account: str, text: str = TEXT) -> Command:
    return add(account, name="account.note", note=text)


async def everything(database: Database) -> str:
    """All that the journal keeps, but for the keys."""
    kept = [await database[name].find({}) for name in ("journal", "results", "handoffs")]
    return repr(kept)


async def entry(database: Database) -> Document:
    (batch,) = await database["journal"].find({})
    found: Document = batch["entries"][0]
    return found


async def test_own_text_is_nowhere_readable_and_a_repeat_hears_the_same(journal: Journal, database: Database) -> None:
    command = note("ada")
    first, twin = await asyncio.gather(journal.run(command), journal.run(command))
    again = await journal.run(command)
    assert first.answer == {"total": 1, "note": TEXT}
    assert first == twin == again
    assert TEXT not in await everything(database)
    written = await entry(database)
    assert written["personal"] == "ada"
    assert written["facts"][0]["fact"] == "Added"
    assert written["facts"][0]["total"] == 1


async def test_a_fact_of_the_same_name_elsewhere_opens_nobodys_text(journal: Journal, database: Database) -> None:
    await journal.run(note("ada"))
    fact_document(make_dataclass("Added", ["total"])(1))
    await journal.run(note("bob"))
    assert TEXT not in await everything(database)


async def test_another_replica_is_asked_and_answers_without_a_readable_word(
    start_journal: Start, database: Database
) -> None:
    holder = await start_journal(lease_seconds=30)
    other = await start_journal(lease_seconds=30)
    assert holder.writes
    assert not other.writes
    command = note("ada")
    assert (await other.run(command)).answer["note"] == TEXT
    assert (await other.run(command)).answer["note"] == TEXT
    assert TEXT not in await everything(database)


async def test_what_waits_for_a_lane_is_sealed_too(start_journal: Start, database: Database) -> None:
    await database["lanes"].update_one(
        {"_id": "0.0"}, {"$set": {"owner": "frozen", "until": clock.utc_now() + timedelta(seconds=5)}}
    )
    waiting = await start_journal()
    task = asyncio.create_task(waiting.run(note("ada"), deadline=60))
    found = await eventually(lambda: database[HANDOFFS].find_one({}))
    assert found is not None
    assert TEXT not in repr(found)
    assert found["sealed"] == {"of": "ada", "fields": ["note"]}
    assert (await task).answer["note"] == TEXT


async def test_what_waits_of_somebody_who_is_forgotten_is_refused_and_holds_nobody_up(
    start_journal: Start, database: Database
) -> None:
    (sealed,) = await Vault(Keyring(database), bank.DECIDERS).commands([note("ada")])
    await hand_over(database, [sealed, add("ada", id_="behind")])
    await forget(database, "ada")
    await start_journal()
    await eventually(lambda: database["results"].find_one({"_id": "behind"}))
    result = await database["results"].find_one({"_id": sealed.id})
    assert result is not None
    assert result["refused"] == "forgotten"
    assert await database[HANDOFFS].count({}) == 0


async def test_what_a_command_causes_elsewhere_is_sealed_on_its_way(journal: Journal, database: Database) -> None:
    await journal.run(add("a", tell=["b"]))
    line = await eventually(lambda: database[bank.ACCOUNTS].find_one({"_id": "b"}))
    assert line is not None
    assert "for you" not in await everything(database)
    batches = await database["journal"].find({"entries.aggregate": "b"})
    assert batches[0]["entries"][0]["personal"] == "b"


async def test_a_command_without_own_text_asks_for_no_key(journal: Journal, database: Database) -> None:
    await asyncio.gather(*[journal.run(add(f"a{number}")) for number in range(5)])
    await journal.run(note("quiet", ""))
    assert await database["keys"].count({"_id": {"$ne": "quiet"}}) == 0


async def test_who_is_forgotten_cannot_be_read_any_more_and_the_books_are_sound(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    command, other = note("ada"), note("bob", "hello")
    await journal.run(command)
    await journal.run(other)
    before = await database["journal"].find({})
    assert await forget(database, "ada")
    assert not await forget(database, "ada")
    assert (await journal.run(command)).answer == {"total": 1, "note": None}
    assert (await journal.run(other)).answer["note"] == "hello"
    assert await database["journal"].find({}) == before
    assert (await reconcile(Books(database, kafka, "events", bank.DECIDERS))).sound
    await journal.run(note("ada", "a new life"))
    assert (await journal.run(command)).answer["note"] is None


async def test_the_topic_gets_what_was_meant_and_a_deletion_for_who_is_forgotten(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    await journal.run(note("ada"))
    await journal.run(note("bob", "hello"))
    await forget(database, "ada")
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()

    async def both() -> list[tuple[str, int, str, bytes | None]]:
        found = await published(kafka)
        return found if len(found) == 2 else []

    try:
        found = {subject: value for subject, _, _, value in await eventually(both, within=60)}
    finally:
        await relay.stop()
    assert found["ada"] is None
    assert json.loads(found["bob"] or b"{}")["note"] == "hello"


async def test_topics_are_proved_by_what_was_meant_and_not_by_what_cannot_be_known(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    books = Books(database, kafka, "events", bank.DECIDERS)
    await journal.run(note("ada"))
    await journal.run(note("bob", "hello"))
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()

    async def settled() -> bool:
        return (await reconcile(books)).settled

    await eventually(settled, within=60)
    await relay.stop()
    await forget(database, "ada")
    assert (await reconcile(books)).settled
    where = {"entries.aggregate": "bob"}
    await database["journal"].update_one(
        where, {"$set": {"entries.0.messages.0.value": "another", "entries.0.messages.0.sealed": False}}
    )
    assert (await reconcile(books)).damage["messages_altered"] == 1


async def test_keys_are_sealed_under_the_service_s_secret(database: Database) -> None:
    secret = Sealer([token_urlsafe(32)], "member keys")
    sealer = (await Keyring(database, secret).making(["ada"]))["ada"]
    stored = await database["keys"].find_one({"_id": "ada"})
    assert stored is not None
    assert stored["sealed"] is True
    found = (await Keyring(database, secret).having(["ada"]))["ada"]
    assert found.open(sealer.seal(TEXT)) == TEXT
    with pytest.raises(NoSecret):
        await Keyring(database).having(["ada"])


async def test_two_who_make_a_key_at_once_have_the_same(database: Database) -> None:
    made = await asyncio.gather(*[Keyring(database).making(["ada", f"b{number}"]) for number in range(8)])
    assert len({keys["ada"].seal(TEXT) for keys in made}) == 1
