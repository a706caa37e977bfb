"""The service finds planted damage by itself, within one pass."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from typing import Any

import pytest
import pytest_asyncio

from chassis.mongo import Database
from events_service.domain.fairness import Tally
from testkit import KafkaServer, MongoServer
from testkit.planting import found_in_a_pass, kept, nothing_wrong
from testkit.topics import delete_topics

from .running import Service, running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proving(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Service]:
    """An event of two seats with two people in line, in a service that proves its books all the time."""
    prefix = f"e{secrets.token_hex(4)}."
    often = {"reconcile_every": 0.1, "reconcile_share": 1.0}
    async with (
        mongo_server.database() as url,
        running(url, kafka_server.bootstrap, prefix, **often) as service,
    ):
        olga = service.person("olga")
        await service.groups.group("bakers", olga.id or "")
        event_id = await service.event(olga, "bakers", capacity=2)
        for name in ("ada", "bo", "cy", "di"):
            await service.person(name).rsvp(event_id)
        yield service
    await delete_topics(kafka_server.bootstrap, prefix)


Plant = Callable[[Database], Awaitable[Any]]


async def one_more_seat(database: Database) -> None:
    await database["ledgers"].update_one({}, {"$inc": {"seats": 1}})


async def one_fewer_in_line(database: Database) -> None:
    await database["ledgers"].update_one({}, {"$inc": {"waiting": -1}})


async def an_offer_nobody_has(database: Database) -> None:
    await database["ledgers"].update_one({}, {"$set": {"held": 1, "offers": 1, "lapses": None, "over": 0}})


async def an_rsvp_gone(database: Database) -> None:
    await database["rsvps"].delete_many({"member_id": {"$regex": "^ada"}})


async def one_who_waits_gone(database: Database) -> None:
    await database["rsvps"].delete_many({"member_id": {"$regex": "^cy"}})


async def a_number_twice(database: Database) -> None:
    rsvps = await database["rsvps"].find({}, sort=[("_id", 1)])
    await database["rsvps"].update_one({"_id": rsvps[0]["_id"]}, {"$set": {"number": rsvps[1]["number"]}})


async def two_at_one_place(database: Database) -> None:
    first, second = await database["rsvps"].find({"status": "waitlist"}, sort=[("order", 1)])
    await database["rsvps"].update_one({"_id": second["_id"]}, {"$set": {"order": first["order"]}})


async def somebody_else_in_front(database: Database) -> None:
    (ledger,) = await database["ledgers"].find({})
    await database["ledgers"].update_one({}, {"$set": {"head": ledger["head"][::-1]}})


async def a_seat_too_many(database: Database) -> None:
    await database["rsvps"].update_one({"status": "waitlist"}, {"$set": {"status": "yes"}})


async def a_move_nobody_logged(database: Database) -> None:
    await database["ledgers"].update_one({}, {"$set": {"fairness": asdict(Tally(moves=1))}})


async def a_change_lost(database: Database) -> None:
    await database["ledgers"].update_one({}, {"$inc": {"kept_last": 1}})


async def a_change_of_nothing(database: Database) -> None:
    await database["kept"].insert_one({"_id": "gone:1", "event_id": "gone", "place": 1})


async def somebody_noted_whom_nobody_noted(database: Database) -> None:
    marks = {"attended": 1, "no_show": 0, "excused": 0, "walk_ins": 0, "absent_seats": 0, "walk_in_seats": 0}
    await database["ledgers"].update_one({}, {"$set": {"marks": marks}})


async def a_no_show_nobody_noted(database: Database) -> None:
    whose = {"_id": "record:bakers:ada", "group_id": "bakers", "member_id": "ada"}
    await database["records"].insert_one({**whose, "attended": 0, "no_show": 1, "excused": 0, "forgotten": False})


async def a_ledger_gone(database: Database) -> None:
    await database["ledgers"].delete_many({})


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (one_more_seat, "seats_wrong"),
        (one_fewer_in_line, "waiting_wrong"),
        (an_offer_nobody_has, "offers_wrong"),
        (an_rsvp_gone, "seats_wrong"),
        (one_who_waits_gone, "waiting_wrong"),
        (a_number_twice, "numbers_given_twice"),
        (two_at_one_place, "orders_given_twice"),
        (somebody_else_in_front, "heads_wrong"),
        (a_seat_too_many, "oversold"),
        (a_move_nobody_logged, "tallies_wrong"),
        (a_change_lost, "queues_wrong"),
        (a_change_of_nothing, "kept_without_ledger"),
        (somebody_noted_whom_nobody_noted, "marks_wrong"),
        (a_no_show_nobody_noted, "records_wrong"),
        (a_ledger_gone, "rsvps_without_ledger"),
        (a_ledger_gone, "counters_wrong"),
    ],
)
async def test_planted_damage_is_found_by_itself(proving: Service, plant: Plant, named: str) -> None:
    progress = proving.process.health.progress
    async with kept(proving.database, "ledgers", "rsvps", "kept", "records"):
        await nothing_wrong(progress)
        await plant(proving.database)
        await found_in_a_pass(progress, named)
        ready, _ = await proving.process.health.ready()
        assert ready, "damage is no reason to turn people away"
