"""The service finds planted damage by itself, within one pass."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from chassis import clock
from chassis.mongo import Database
from events_service.domain.fairness import Tally
from testkit import KafkaServer, MongoServer
from testkit.planting import found_in_a_pass, kept, nothing_wrong
from testkit.topics import delete_topics

from .running import Person, Service, running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proving(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Service]:
    """An event of two seats with two people in line, talk and feedback, in a service that proves its books all the
    time."""
    prefix = f"e{secrets.token_hex(4)}."
    often = {"reconcile_every": 0.1, "reconcile_share": 1.0}
    async with (
        mongo_server.database() as url,
        running(url, kafka_server.bootstrap, prefix, **often) as service,
    ):
        olga = service.person("olga")
        await service.groups.group("bakers", olga.id or "")
        event_id = await service.event(olga, "bakers", capacity=2)
        people = [service.person(name) for name in ("ada", "bo", "cy", "di")]
        for person in people:
            await person.rsvp(event_id)
        await talk(event_id, olga, *people[:2])
        await rate(service.database, event_id, *people[:2])
        yield service
    await delete_topics(kafka_server.bootstrap, prefix)


async def talk(event_id: str, olga: Person, ada: Person, bo: Person) -> None:
    """A comment that was edited and answered, one that is deleted, and a message."""
    for body in ("Who?", "Me?"):
        said = await ada("POST", f"/events/{event_id}/comments", {"body": body})
        path = f"/comments/{said.json()['comment_id']}"
        answers = [
            await ada("PATCH", path, {"body": f"{body}!"}, if_match='"1"'),
            await bo("POST", f"{path}/replies", {"body": "Me"}),
        ]
        assert [answer.status_code for answer in (said, *answers)] == [201, 200, 201]
    assert (await ada("DELETE", path)).status_code == 200
    assert (await olga("POST", f"/events/{event_id}/messages", {"to": "all", "body": "East door"})).status_code == 201


async def rate(database: Database, event_id: str, ada: Person, bo: Person) -> None:
    """Two people rate the event, as if it were over for the moment."""
    [event] = await database["events"].find({"_id": event_id})
    ended = clock.utc_now() - timedelta(hours=1)
    times = {"starts": ended - timedelta(hours=2), "ends": ended}
    await database["events"].update_one({"_id": event_id}, {"$set": times})
    for person, stars in ((ada, 5), (bo, 3)):
        given = await person("PUT", f"/events/{event_id}/feedback", {"stars": stars, "next": ["come-again"]})
        assert given.status_code == 201, given.text
    await database["events"].update_one({"_id": event_id}, {"$set": {name: event[name] for name in times}})


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


async def a_note_that_no_ledger_counts(database: Database) -> None:
    await database["rsvps"].update_one({"status": "yes"}, {"$set": {"attendance": {"mark": "no_show"}}})


async def a_no_show_nobody_noted(database: Database) -> None:
    whose = {"_id": "record:bakers:ada", "group_id": "bakers", "member_id": "ada"}
    await database["records"].insert_one({**whose, "attended": 0, "no_show": 1, "excused": 0, "forgotten": False})


async def a_comment_counted_twice(database: Database) -> None:
    await database["talks"].update_one({}, {"$inc": {"comments": 1}})


async def a_number_to_be_given_again(database: Database) -> None:
    await database["talks"].update_one({}, {"$inc": {"last_number": -1}})


async def a_comment_gone(database: Database) -> None:
    await database["comments"].delete_many({"to": None, "state": "deleted"})


async def a_message_forgotten(database: Database) -> None:
    await database["talks"].update_one({}, {"$set": {"letters": []}})


async def a_reply_gone(database: Database) -> None:
    await database["comments"].delete_many({"to": {"$ne": None}})


async def one_more_reply(database: Database) -> None:
    await database["comments"].update_one({"to": {"$ne": None}}, {"$inc": {"replies": 1}})


async def a_text_of_before_lost(database: Database) -> None:
    await database["revisions"].delete_many({})


async def a_text_of_before_kept(database: Database) -> None:
    [gone] = await database["comments"].find({"state": "deleted"})
    await database["revisions"].insert_one({"_id": f"{gone['_id']}:1", "comment_id": gone["_id"], "number": 1})


async def a_star_too_many(database: Database) -> None:
    await database["feedback_totals"].update_one({}, {"$inc": {"stars.0": 1}})


async def other_stars(database: Database) -> None:
    await database["feedback"].update_one({"stars": 5}, {"$set": {"stars": 4}})


async def a_rating_nobody_withdrew(database: Database) -> None:
    await database["feedback"].update_one({"stars": 5}, {"$set": {"stars": None, "next": []}})


async def another_wish(database: Database) -> None:
    await database["feedback"].update_one({"stars": 5}, {"$set": {"next": ["help-out"]}})


async def a_ledger_gone(database: Database) -> None:
    await database["ledgers"].delete_many({})


CHANGED = ("ledgers", "rsvps", "kept", "records", "talks", "comments", "revisions", "feedback", "feedback_totals")
"""Where damage is planted."""


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
        (a_note_that_no_ledger_counts, "notes_uncounted"),
        (a_no_show_nobody_noted, "records_wrong"),
        (a_comment_counted_twice, "comments_wrong"),
        (a_number_to_be_given_again, "comments_wrong"),
        (a_comment_gone, "comments_wrong"),
        (a_message_forgotten, "letters_wrong"),
        (a_reply_gone, "replies_wrong"),
        (one_more_reply, "replies_wrong"),
        (a_text_of_before_lost, "revisions_wrong"),
        (a_text_of_before_kept, "revisions_wrong"),
        (a_star_too_many, "ratings_wrong"),
        (other_stars, "ratings_wrong"),
        (a_rating_nobody_withdrew, "ratings_wrong"),
        (another_wish, "ratings_wrong"),
        (a_ledger_gone, "rsvps_without_ledger"),
        (a_ledger_gone, "counters_wrong"),
    ],
)
async def test_planted_damage_is_found_by_itself(proving: Service, plant: Plant, named: str) -> None:
    progress = proving.process.health.progress
    async with kept(proving.database, *CHANGED):
        await nothing_wrong(progress)
        await plant(proving.database)
        await found_in_a_pass(progress, named)
        ready, _ = await proving.process.health.ready()
        assert ready, "damage is no reason to turn people away"
