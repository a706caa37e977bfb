"""Rule 25 on the real journal: the flag and a sweep of every lane, and no RSVP slips between them."""

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial

import pytest

from chassis import journal
from chassis.consumers import Effects, Received
from chassis.consumers import prepare as prepare_consumers
from chassis.journal import HANDOFFS, Command, Journal
from chassis.journal.attempt import Attempt
from chassis.journal.keyring import Keyring
from chassis.journal.lease import Lease
from chassis.journal.settle import head
from chassis.journal.shape import lane_name
from chassis.journal.slots import lane_index
from chassis.journal.vault import Vault
from chassis.mongo import Database, InsertOne, connect
from contracts.groups import MembershipState
from events_service.consumers.membership import on_membership
from events_service.decisions import decisions
from events_service.handlers import event, membership
from events_service.store import schema
from testkit import eventually

from .deciding import DETAILS, GROUP, act, answer

LANES = 2
LANE_OF = partial(lane_index, lanes=LANES)
DECISIONS = decisions("https://convene.test")


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[Database]:
    found = connect(mongo_url)
    await journal.prepare(found, lanes=LANES)
    await prepare_consumers(found)
    await schema.prepare(found)
    await found["groups"].insert_one(dict(GROUP))
    member = {"_id": "ada", "v": 1, "number": 1, "name": "Ada", "photo": None, "attendance": "everyone"}
    await found["members"].insert_one(member)
    yield found
    found.close()


async def turn(database: Database, state: str, version: int) -> None:
    """A consumer's transaction: ada's membership and what it hands over."""
    message = Received(
        topic="groups.membership.v1",
        partition=0,
        offset=version,
        key="g:ada",
        type="convene.groups.membership.left.v1",
        id=f"groups-0.0-{version}-1",
        source="/convene/groups",
        subject="g",
        sequence=version,
        actor="ada",
        time=datetime(2026, 11, 25, tzinfo=UTC),
        trace=None,
        body=MembershipState(group_id="g", member_id="ada", state=state, version=version),
    )
    async with database.transaction() as session:
        effects = Effects(database, session)
        await on_membership([message], effects)
        await effects.send()


async def event_of_lane(writing: Journal, lane: int, nth: int = 0) -> str:
    """A published event that this lane decides for."""
    names = [name for name in (f"e{number}" for number in range(1000)) if LANE_OF(name) == lane]
    name = names[nth]
    details = {"group_id": "g", "details": asdict(replace(DETAILS, capacity=None))}
    await writing.run(Command(f"create-{name}", event.CREATE, name, details, actor="olga"))
    await writing.run(act(event.PUBLISH, name))
    return name


async def status(database: Database, event_id: str) -> str | None:
    found = await database["rsvps"].find_one({"event_id": event_id, "member_id": "ada"})
    return None if found is None else str(found["status"])


async def test_an_rsvp_that_comes_between_the_flag_and_the_sweep_is_found(database: Database) -> None:
    await turn(database, "active", 1)
    writing = Journal(database, DECISIONS, lease_seconds=1.0)
    await writing.start()
    events = [await event_of_lane(writing, lane) for lane in range(LANES)]
    await writing.stop()
    command = answer(events[0], "ada")
    lane = lane_name(0, 0)
    lease = Lease(database, "lanes", lane, "me", seconds=60.0)
    assert await lease.take() is not None
    attempt = Attempt(database, DECISIONS, Vault(Keyring(database), DECISIONS), lane, lease, lanes=LANES)
    session = await database.session()
    session.begin()
    decided, todo = await attempt.gather([command], last=None, handoffs=0, blocked=(), session=session)
    await attempt.load(todo, decided, session)
    await turn(database, "banned", 2)
    assert await database[HANDOFFS].count({"name": membership.SETTLE}) == 1
    attempt.decide(todo, decided, ())
    n, _ = await head(database, lane)
    await attempt.write(decided, n + 1, "mine", session)
    await session.commit()
    await session.end()
    assert await status(database, events[0]) == "yes"
    await database["lanes"].update_one({"_id": lane}, {"$set": {"owner": None, "until": None}})
    again = Journal(database, DECISIONS, lease_seconds=1.0)
    await again.start()

    async def released() -> bool:
        return await status(database, events[0]) == "no" and await database[HANDOFFS].count({}) == 0

    await eventually(released, within=20)
    refused = await again.run(answer(events[1], "ada"))
    assert refused.refused is not None
    await again.stop()


async def test_a_long_sweep_goes_in_bounded_steps_to_the_last(database: Database) -> None:
    await turn(database, "active", 1)
    writing = Journal(database, DECISIONS, lease_seconds=1.0)
    await writing.start()
    first = await event_of_lane(writing, 0)
    await writing.run(answer(first, "ada"))
    rsvp = await database["rsvps"].find_one({"event_id": first})
    ledger = await database["ledgers"].find_one({"_id": first})
    assert rsvp is not None
    assert ledger is not None
    # 450 more of the same, as if decided one by one
    others = [name for name in (f"x{number}" for number in range(2000)) if LANE_OF(name) == 0][:450]
    await database["rsvps"].write([InsertOne({**rsvp, "_id": f"{name}:ada", "event_id": name}) for name in others])
    await database["ledgers"].write([InsertOne({**ledger, "_id": name}) for name in others])
    await turn(database, "left", 2)

    async def all_released() -> bool:
        left = await database["rsvps"].count({"member_id": "ada", "status": "yes"})
        return left == 0 and await database[HANDOFFS].count({}) == 0

    await eventually(all_released, within=60)
    batches = await database["journal"].find({"entries.name": membership.SETTLE})
    settled = [
        fact
        for batch in batches
        for entry in batch["entries"]
        if entry["name"] == membership.SETTLE
        for fact in entry["facts"]
        if fact["fact"] == "Settled"
    ]
    assert sum(len(fact["released"]) for fact in settled) == 451
    assert max(len(fact["released"]) for fact in settled) <= 200
    await writing.stop()
