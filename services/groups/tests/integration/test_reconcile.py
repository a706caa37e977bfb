"""The books agree after whatever the other tests did; the service finds planted damage by itself."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import pytest
import pytest_asyncio

from chassis.mongo import Database
from contracts.events import FeedbackFact
from groups_service.app import own
from testkit import KafkaServer, MongoServer, eventually
from testkit.planting import found_in_a_pass, kept, nothing_wrong

from .conftest import JC_MOMS, Service, running


async def test_the_books_agree(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    group_id = (await olga("POST", "/groups", JC_MOMS)).json()["group_id"]
    await ada("PUT", f"/groups/{group_id}/membership")
    await olga("PUT", f"/groups/{group_id}/members/{ada.id}/role", {"role": "organizer"})
    await ada("DELETE", f"/groups/{group_id}/membership")
    await olga("POST", f"/groups/{group_id}/step-up")
    post_id = (await olga("POST", f"/groups/{group_id}/posts", {"body": "Who comes?"})).json()["post_id"]
    reply_id = (await olga("POST", f"/posts/{post_id}/replies", {"body": "I do"})).json()["post_id"]
    await olga("PUT", f"/posts/{reply_id}/reactions/like")
    await olga("DELETE", f"/posts/{reply_id}")

    async def settled() -> bool:
        report = await own(service.settings).reconciled()
        assert report.sound, report.document()
        return report.settled

    await eventually(settled, within=60, every=0.2)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proving(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Service]:
    """A service that proves its books all the time. It has a group of two with rated events, and another that was rated
    before each event was counted."""
    often = {"reconcile_every": 0.1, "reconcile_share": 1.0}
    async with mongo_server.database() as url, running(url, kafka_server.bootstrap, **often) as service:
        olga, ada = service.person("olga"), service.person("ada")
        group_id = (await olga("POST", "/groups", JC_MOMS)).json()["group_id"]
        await ada("PUT", f"/groups/{group_id}/membership")
        post_id = (await ada("POST", f"/groups/{group_id}/posts", {"body": "Who comes?"})).json()["post_id"]
        await olga("POST", f"/posts/{post_id}/replies", {"body": "I do"})
        await olga("PUT", f"/posts/{post_id}/reactions/like")
        await olga("PUT", f"/posts/{post_id}/hide")

        other_id = (await olga("POST", "/groups", JC_MOMS)).json()["group_id"]
        await service.database["activity_ratings"].insert_one({"_id": other_id, "v": 1, "stars": {"5": 1}})
        for event_id, stars in (("tea", 5), ("tea", 4), ("walk", 5)):
            body = FeedbackFact(event_id=event_id, group_id=group_id, member_id=token_hex(3), stars=stars)
            await service.tell(body, source="events", subject=event_id, sequence=1 + (stars == 4))

        async def registered() -> bool:
            [rated] = await service.database["activity_ratings"].find({"v": 2}) or [{}]
            there = await service.database["members"].count({}) == 2
            return there and rated.get("stars") == {"4": 1, "5": 2}

        await eventually(registered, within=30)
        yield service


DAMAGED = (
    *("groups", "memberships", "members", "urlnames"),
    *("networks", "activity", "activity_events", "activity_ratings", "activity_event_ratings"),
    *("posts", "reactions", "audit"),
)
LATER = datetime(2999, 1, 1, tzinfo=UTC)
Plant = Callable[[Database], Awaitable[Any]]


async def one_more_member(database: Database) -> None:
    await database["groups"].update_one({}, {"$inc": {"member_count": 1}})


async def one_more_leader(database: Database) -> None:
    await database["groups"].update_one({}, {"$inc": {"leaders": 1}})


async def a_membership_gone(database: Database) -> None:
    await database["memberships"].delete_many({"role": "member"})


async def another_organizer(database: Database) -> None:
    await database["groups"].update_one({}, {"$set": {"organizer_id": "nobody"}})


async def one_more_vote(database: Database) -> None:
    times = {"freezes_at": LATER, "closes_at": LATER, "decides_at": LATER}
    offer = {"member_id": "ada", "number": 1, "since": LATER, "votes": 1}
    await database["groups"].update_one({}, {"$set": {"vacancy": {**times, "candidates": [offer]}}})


async def a_claim_gone(database: Database) -> None:
    await database["urlnames"].delete_many({})


async def a_claim_of_nobody(database: Database) -> None:
    await database["urlnames"].insert_one({"_id": "old", "v": 1, "group_id": "gone"})


async def a_membership_of_nothing(database: Database) -> None:
    await database["memberships"].insert_one({"_id": "gone:ada", "group_id": "gone", "member_id": "ada"})


async def one_more_welcome(database: Database) -> None:
    await database["networks"].insert_one({"_id": "n", "v": 1, "welcomes": 1})


async def a_chapter_nobody_welcomes(database: Database) -> None:
    await database["groups"].update_one({}, {"$set": {"network_id": "nobody"}})


async def one_more_event(database: Database) -> None:
    await database["activity"].insert_one(
        {"_id": "g", "v": 1, "events": 1, "announced_at": None, "scheduled_until": None}
    )


async def figures_gone(database: Database) -> None:
    group = await database["groups"].find_one({})
    assert group is not None
    shown = {"status": "published", "announced_at": None, "ends_at": LATER, "sequence": 1}
    await database["activity_events"].insert_one({"_id": "walk", "v": 1, "group_id": group["_id"], **shown})


async def one_star_more(database: Database) -> None:
    await database["activity_ratings"].update_one({"v": 2}, {"$inc": {"stars.5": 1}})


async def a_rated_event_gone(database: Database) -> None:
    await database["activity_event_ratings"].delete_many({})


async def a_group_unrated(database: Database) -> None:
    await database["activity_ratings"].delete_many({"v": 2})


async def a_number_twice(database: Database) -> None:
    members = await database["members"].find({}, sort=[("_id", 1)])
    await database["members"].update_one({"_id": members[0]["_id"]}, {"$set": {"number": members[1]["number"]}})


async def one_more_reaction(database: Database) -> None:
    await database["posts"].update_one({"thread_id": None}, {"$inc": {"reactions.like": 1}})


async def a_reaction_gone(database: Database) -> None:
    await database["reactions"].delete_many({})


async def a_reply_less(database: Database) -> None:
    await database["posts"].update_one({"thread_id": None}, {"$inc": {"replies": -1}})


async def a_cut_log(database: Database) -> None:
    await database["audit"].delete_many({})


async def an_entry_of_nobody(database: Database) -> None:
    (batch,) = await database["journal"].find({"entries.name": "group.create"}, limit=1)
    group_id = next(entry["aggregate"] for entry in batch["entries"] if entry["name"] == "group.create")
    await database["groups"].delete_many({"_id": group_id})


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (one_more_member, "member_counts_wrong"),
        (one_more_leader, "leader_counts_wrong"),
        (a_membership_gone, "member_counts_wrong"),
        (another_organizer, "organizers_wrong"),
        (one_more_vote, "votes_wrong"),
        (a_claim_gone, "urlnames_unclaimed"),
        (a_claim_of_nobody, "claims_of_no_group"),
        (a_membership_of_nothing, "memberships_of_no_group"),
        (one_more_welcome, "welcomes_miscounted"),
        (a_chapter_nobody_welcomes, "chapters_unwelcome"),
        (one_more_event, "activity_wrong"),
        (figures_gone, "activity_wrong"),
        (one_star_more, "stars_wrong"),
        (a_rated_event_gone, "stars_wrong"),
        (a_group_unrated, "stars_wrong"),
        (a_number_twice, "numbers_given_twice"),
        (one_more_reaction, "reactions_wrong"),
        (a_reaction_gone, "reactions_wrong"),
        (a_reply_less, "replies_wrong"),
        (a_cut_log, "audit_chains_broken"),
        (an_entry_of_nobody, "counters_wrong"),
    ],
)
async def test_planted_damage_is_found_by_itself(proving: Service, plant: Plant, named: str) -> None:
    progress = proving.process.health.progress
    async with kept(proving.database, *DAMAGED):
        await nothing_wrong(progress)
        await plant(proving.database)
        await found_in_a_pass(progress, named)
        ready, _ = await proving.process.health.ready()
        assert ready, "damage is no reason to turn people away"
