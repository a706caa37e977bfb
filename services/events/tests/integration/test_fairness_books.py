"""The figures of fairness and the skips in line, after all that can become of one: the check finds nothing wrong, and
each damage to them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from threading import get_ident
from typing import Any

import pytest

from chassis.mongo import Database, connect
from chassis.reconcile.findings import Findings
from chassis.reconcile.pace import Pace
from events_service.domain.fairness import Tally, tallies_of
from events_service.domain.move import Move, Turn
from events_service.domain.promotion import Promotion
from events_service.store import fairness_reconcile, schema
from events_service.store.fairness_reconcile import FAIRNESS_CHECKS
from testkit import MongoServer

from .deciding import NOW, Deciding, InDatabase, act, answer, change

KINDS = ("tallies_wrong", "skips_wrong")


@pytest.fixture
async def database(mongo_server: MongoServer) -> AsyncIterator[Database]:
    """A line in which parties were passed, a leader's hand, and an offer that was claimed."""
    async with mongo_server.database() as url:
        found = connect(url)
        await schema.prepare(found)
        await lived(Deciding(InDatabase(found, transactions=True)))
        yield found
        found.close()


async def lived(story: Deciding) -> None:
    await story.event(capacity=3, promotion=Promotion(max_skips=4), hosts=())
    coming = (("a1", 0), ("a2", 0), ("a3", 0), ("bo", 2), ("cy", 0), ("dee", 0), ("eve", 1), ("fay", 0), ("gus", 0))
    for who, guests in coming:
        await story.membership(who, "active", 1)
        await story.one(answer("e", who, guests=guests))
        story.now += timedelta(minutes=3)
    for who in ("a1", "a2"):
        await story.one(answer("e", who, "no"))
    await story.one(act("rsvp.promote", "e", member_id="fay", override=True))
    await story.one(change("e", 2, promotion={"mode": "offer"}))
    for who in ("a3", "cy", "dee"):
        await story.one(answer("e", who, "no"))
    story.now += timedelta(minutes=3)
    await story.one(answer("e", "gus", nth=2))


async def looked(database: Database) -> Findings:
    found = Findings()
    for check in FAIRNESS_CHECKS:
        found.take(await check.run(database, Pace()))
    return found


async def test_nothing_is_wrong_after_skips_hands_and_offers(database: Database) -> None:
    found = await looked(database)
    assert (found.counts, found.examples) == (dict.fromkeys(KINDS, 0), {})
    [ledger] = await database["ledgers"].find({})
    bo, eve = await database["rsvps"].find({"status": "waitlist"}, sort=[("order", 1)])
    told = [ledger["fairness"][name] for name in ("moves", "skips", "overrides", "claims")]
    assert (*told[:3], len(told[3]), bo["skips"], eve["skips"]) == (5, 4, 1, 1, 3, 1), "there was something to look at"


def figure(name: str, value: Any) -> Callable[[Database], Awaitable[Any]]:
    return lambda database: database["ledgers"].update_one({"_id": "e"}, {"$set": {f"fairness.{name}": value}})


async def a_skip_nobody_made(database: Database) -> None:
    await database["rsvps"].update_one({"_id": "e:eve"}, {"$inc": {"skips": 1}})


async def a_skip_forgotten(database: Database) -> None:
    await database["rsvps"].update_one({"_id": "e:bo"}, {"$inc": {"skips": -1}})


async def a_skip_at_a_side_where_nobody_came_up(database: Database) -> None:
    await database["ledgers"].insert_one({"_id": "f", "waiting": 0, "online": {"waiting": 1}})
    turn = {"order": 1, "seats": 1, "skips": 1, "lined": 1, "asked_at": NOW, "room": 2}
    await database["rsvps"].insert_one({"_id": "f:ada", "event_id": "f", "status": "waitlist", **turn})


async def a_skip_taken_out_of_the_log(database: Database) -> None:
    await database["moves"].update_one({"passed": {"$exists": True}}, {"$unset": {"passed": ""}})


async def a_hand_made_the_lines_own(database: Database) -> None:
    await database["moves"].update_one({"by": "olga"}, {"$unset": {"by": "", "override": ""}})


async def a_move_gone(database: Database) -> None:
    await database["moves"].delete_many({"member_id": "fay"})


async def a_turn_that_ends_twice(database: Database) -> None:
    [move] = await database["moves"].find({"member_id": "fay"})
    await database["moves"].insert_one({**move, "_id": "e:999", "seq": 999})
    await database["ledgers"].update_one({"_id": "e"}, {"$inc": {"fairness.moves": 1}})


async def a_claim_of_another_time(database: Database) -> None:
    await database["ledgers"].update_one({"_id": "e"}, {"$set": {"fairness.claims": {"3": 1}}})


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (figure("skips", 1), "tallies_wrong"),
        (figure("inversions", 1), "tallies_wrong"),
        (figure("overrides", 0), "tallies_wrong"),
        (figure("longest_wait", 1.0), "tallies_wrong"),
        (a_skip_nobody_made, "skips_wrong"),
        (a_skip_forgotten, "skips_wrong"),
        (a_skip_at_a_side_where_nobody_came_up, "skips_wrong"),
        (a_skip_taken_out_of_the_log, "tallies_wrong"),
        (a_skip_taken_out_of_the_log, "skips_wrong"),
        (a_hand_made_the_lines_own, "tallies_wrong"),
        (a_move_gone, "tallies_wrong"),
        (a_turn_that_ends_twice, "tallies_wrong"),
        (a_claim_of_another_time, "tallies_wrong"),
    ],
)
async def test_planted_damage_is_found(
    database: Database, plant: Callable[[Database], Awaitable[Any]], named: str
) -> None:
    await plant(database)
    assert (await looked(database)).counts[named] == 1


@pytest.mark.parametrize("longest", [2, 6])
async def test_of_a_long_log_or_line_the_number_of_moves_is_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    """There are five moves, and two who wait."""
    monkeypatch.setattr(fairness_reconcile, "LONGEST", longest)
    await figure("skips", 1)(database)
    assert (await looked(database)).counts["tallies_wrong"] == 0
    await a_move_gone(database)
    assert (await looked(database)).counts["tallies_wrong"] == 1


async def test_what_takes_long_to_count_keeps_nothing_else_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def watched(moves: Sequence[Move], waiting: Sequence[Turn]) -> dict[int, Tally]:
        threads.append(get_ident())
        return tallies_of(moves, waiting)

    monkeypatch.setattr(fairness_reconcile, "tallies_of", watched)
    assert (await looked(database)).counts["tallies_wrong"] == 0
    assert len(threads) == 1
    assert get_ident() not in threads
