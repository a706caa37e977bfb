"""Spreading to many when workers die or linger."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from chassis.clock import utc_now
from chassis.mongo import Database, InsertOne, Write, connect
from notifications_service.domain.delivery import SPREAD_AGAIN
from notifications_service.domain.notice import Cause, Kind, Spread
from notifications_service.store import schema
from notifications_service.store.spread import CHUNK, Spreads, spread_write

from .community import evening

PEOPLE = CHUNK + 200


async def announced(url: str, kind: Kind = Kind.EVENT_ANNOUNCED) -> Database:
    """A database with a group and one announcement to spread: of an event, or of a post."""
    database = connect(url)
    await schema.prepare(database)
    now = utc_now()
    members = [
        {
            "_id": f"moms:m{number}",
            "group_id": "moms",
            "member_id": f"m{number}",
            "state": "active" if number % 10 else "left",
            "since": now - timedelta(days=1) if number % 10 else None,
            "sequence": number,
        }
        for number in range(1, PEOPLE + 1)
    ]
    await database["memberships"].write([InsertOne(member) for member in members])
    await database["spreads"].write([announcement(kind)])
    return database


def announcement(kind: Kind, subject: str = "park") -> Write:
    cause = Cause("topic", subject, 2, utc_now() - timedelta(seconds=1), actor="m1")
    if kind is Kind.POST_ANNOUNCED:
        return spread_write(Spread(kind, "members", cause, "moms", about="m1", post_id=subject))
    return spread_write(Spread(kind, "members", cause, "moms", subject))


async def posted(database: Database, post_id: str, *, state: str = "shown") -> None:
    post = {"author_id": "m1", "state": state, "excerpt": "Bring cake", "at": utc_now()}
    await database["posts"].update_one({"_id": post_id}, {"$set": post}, upsert=True)


async def go_through(database: Database, spreads: Spreads) -> int:
    """Every look at everything that there is to spread; how many looks."""
    looks = 0
    while True:
        await database["spreads"].update_many({"due_at": {"$exists": True}}, {"$set": {"due_at": utc_now()}})
        claimed = await spreads.claim()
        if claimed is None:
            return looks
        looks += 1
        while (further := await spreads.tell_some(claimed, None)) is not None:
            claimed = further
        await spreads.rest(claimed)


async def test_who_lost_a_spread_tells_nobody_and_who_took_it_goes_on_where_it_stopped(mongo_url: str) -> None:
    database = await announced(mongo_url)
    slow, quick = (Spreads(database, worker, digest_above=500) for worker in ("slow", "quick"))
    begun = await slow.claim()
    assert begun is not None
    assert await quick.claim() is None
    held = await slow.tell_some(begun, None)
    assert held is not None
    assert held.cursor == CHUNK
    await database["spreads"].update_one({}, {"$set": {"due_at": utc_now() - timedelta(seconds=1)}})
    taken = await quick.claim()
    assert taken is not None
    assert taken.cursor == CHUNK
    assert await slow.tell_some(held, None) is None
    rest = await quick.tell_some(taken, None)
    assert rest is not None
    assert await slow.tell_some(held, None) is None
    assert await quick.tell_some(rest, None) is None
    await slow.rest(held)
    await quick.rest(rest)
    told = {line["member_id"] for line in await database["inbox"].find({})}
    assert told == {f"m{number}" for number in range(2, PEOPLE + 1) if number % 10}
    assert await database["inbox"].count({}) == len(told)
    [spread] = await database["spreads"].find({})
    assert (spread["look"], spread["told"], "claim" in spread) == (1, len(told), False)
    database.close()


async def test_a_spread_ends_after_its_last_look(mongo_url: str) -> None:
    database = await announced(mongo_url)
    looks = await go_through(database, Spreads(database, "worker", digest_above=500))
    [spread] = await database["spreads"].find({})
    assert (looks, "due_at" in spread) == (6, False)
    assert await database["inbox"].count({}) == spread["told"]
    database.close()


async def verified(database: Database, *members: str, zone: str = "UTC") -> None:
    """These have proved an address."""
    address = {"sealed": "sealed", "given_at": utc_now(), "round": 1, "verified_at": utc_now()}
    await database["accounts"].write([InsertOne({"_id": member, "address": address}) for member in members])
    await database["members"].write([InsertOne({"_id": member, "timezone": zone}) for member in members])


async def test_in_a_large_group_each_announcement_is_in_exactly_one_digest_of_each_member(mongo_url: str) -> None:
    database = await announced(mongo_url, Kind.POST_ANNOUNCED)
    zone = evening()
    await verified(database, "m2", "m3", zone=zone)
    await posted(database, "park")
    await posted(database, "lake")
    spreads = Spreads(database, "worker", digest_above=PEOPLE // 2)
    assert await go_through(database, spreads) == 6
    # somebody who is met again in a later look, because something about their membership changed, is told no more
    await database["spreads"].update_many({}, {"$set": {"look": 0, "cursor": 0, "due_at": utc_now()}})
    await database["spreads"].write([announcement(Kind.POST_ANNOUNCED, "lake")])
    await go_through(database, spreads)
    digests = {mail["member_id"]: mail for mail in await database["mails"].find({})}
    assert digests.keys() == {"m2", "m3"}
    for member, mail in digests.items():
        assert (mail["kind"], mail["state"], mail["pace"]) == ("post.digest", "waiting", "bulk")
        assert [item["post_id"] for item in mail["items"]] == ["park", "lake"]
        assert mail["due_at"].astimezone(ZoneInfo(zone)).hour == 8
        assert timedelta(hours=10) < mail["due_at"] - utc_now() < timedelta(hours=13)
        lines = {line["_id"] for line in await database["inbox"].find({"member_id": member})}
        assert {item["line"] for item in mail["items"]} == lines
    active = sum(1 for number in range(2, PEOPLE + 1) if number % 10)
    assert await database["inbox"].count({}) == 2 * active
    database.close()


@pytest.mark.parametrize(
    ("own", "default", "gathered"),
    [(None, PEOPLE, False), (None, 100, True), (PEOPLE, 100, False), (100, PEOPLE, True), (0, PEOPLE, True)],
)
async def test_a_groups_own_number_says_when_announcements_are_gathered_else_the_platforms(
    mongo_url: str, own: int | None, default: int, gathered: bool
) -> None:
    database = await announced(mongo_url, Kind.POST_ANNOUNCED)
    await database["groups"].insert_one({"_id": "moms", "name": "Moms", "digest_above": own})
    await verified(database, "m2")
    await posted(database, "park")
    claimed = await Spreads(database, "worker", digest_above=default).claim()
    assert claimed is not None
    await Spreads(database, "worker", digest_above=default).tell_some(claimed, None)
    [mail] = await database["mails"].find({})
    assert mail["kind"] == ("post.digest" if gathered else "post.announced")
    database.close()


async def test_an_announcement_that_was_taken_away_is_spread_no_further(mongo_url: str) -> None:
    database = await announced(mongo_url, Kind.POST_ANNOUNCED)
    await posted(database, "park")
    spreads = Spreads(database, "worker", digest_above=PEOPLE)
    claimed = await spreads.claim()
    assert claimed is not None
    begun = await spreads.tell_some(claimed, None)
    assert begun is not None
    told = await database["inbox"].count({})
    await posted(database, "park", state="deleted")
    assert await spreads.tell_some(begun, None) is None
    await go_through(database, spreads)
    [spread] = await database["spreads"].find({})
    assert "due_at" not in spread
    assert await database["inbox"].count({}) == told > 0
    database.close()


@pytest.mark.parametrize("digest_above", [PEOPLE, 5], ids=["by mail", "in digests"])
async def test_an_announcement_hidden_while_it_is_spread_reaches_everybody_once_when_it_is_shown_again(
    mongo_url: str, digest_above: int
) -> None:
    database = await announced(mongo_url, Kind.POST_ANNOUNCED)
    await verified(database, "m2", f"m{PEOPLE - 1}", zone=evening())
    await posted(database, "park")
    spreads = Spreads(database, "worker", digest_above=digest_above)
    claimed = await spreads.claim()
    assert claimed is not None
    begun = await spreads.tell_some(claimed, None)
    assert begun is not None
    told = await database["inbox"].count({})
    await posted(database, "park", state="hidden")
    for _ in range(len(SPREAD_AGAIN) + 2):  # more often than a spread looks for latecomers
        await database["spreads"].update_many({"due_at": {"$exists": True}}, {"$set": {"due_at": utc_now()}})
        claimed = await spreads.claim()
        assert claimed is not None
        assert await spreads.tell_some(claimed, None) is None
        await spreads.rest(claimed)
    [waits] = await database["spreads"].find({})
    assert (waits["look"], waits["cursor"], "claim" in waits) == (0, begun.cursor, False)
    assert waits["due_at"] > utc_now() + timedelta(seconds=30)
    assert await database["inbox"].count({}) == told
    await posted(database, "park")
    await go_through(database, spreads)
    lines = await database["inbox"].find({})
    active = {f"m{number}" for number in range(2, PEOPLE + 1) if number % 10}
    assert {line["member_id"] for line in lines} == active
    assert len(lines) == len(active) > told > 0
    mails = await database["mails"].find({})
    assert sorted(mail["member_id"] for mail in mails) == sorted(["m2", f"m{PEOPLE - 1}"])
    assert all(len(mail.get("items", ["one"])) == 1 for mail in mails)
    database.close()
