"""What people say: an announcement tells the members, a mention and a reply whom they concern, and nobody else."""

from datetime import timedelta
from functools import partial
from typing import Any

from chassis.clock import utc_now
from chassis.consumers import Effects, Received
from chassis.mongo import InsertOne, connect
from contracts.groups import ConversationFact
from notifications_service.consumers.about import about
from notifications_service.consumers.conversation import on_conversations
from notifications_service.store import schema
from testkit import eventually

from .community import evening, group, heard, member, membership, said
from .conftest import Service, fresh


async def founded(service: Service, *members: str, **changes: Any) -> tuple[str, str]:
    """A group that is known, with its members; and who leads it and writes, Olga."""
    olga, moms = fresh("olga"), fresh("moms")
    await named(service, olga, "Olga")
    known = await service.publish("group.created", group(moms, olga, **changes), subject=moms)
    await service.reached("groups.group.v1", moms, known)
    for who, role in ((olga, "organizer"), *((name, "member") for name in members)):
        body = membership(moms, who, "active", role=role)
        last = await service.publish("membership.joined", body, subject=moms, key=f"{moms}:{who}", actor=who)
    await service.reached("groups.membership.v1", moms, last)
    return moms, olga


async def named(service: Service, who: str, name: str, timezone: str = "UTC") -> None:
    known = await service.publish("member.changed", member(who, name, timezone), subject=who)
    await service.reached("groups.member.v1", who, known)


async def leaves(service: Service, moms: str, who: str) -> None:
    body = membership(moms, who, "left", was="active", version=2)
    last = await service.publish("membership.left", body, subject=moms, key=f"{moms}:{who}", actor=who)
    await service.reached("groups.membership.v1", moms, last)


async def says(service: Service, what: str, body: ConversationFact) -> int:
    """The message's sequence in its thread."""
    return await service.publish(
        f"conversation.{what}", body, subject=body.thread_id, key=body.post_id, actor=body.author_id
    )


async def test_an_announcement_tells_all_members_but_its_author_and_who_has_left(service: Service) -> None:
    ada, bo, cy, gone = (fresh(name) for name in ("ada", "bo", "cy", "gone"))
    address = await service.reachable(ada)
    moms, olga = await founded(service, ada, bo, cy, gone)
    await leaves(service, moms, gone)
    post = fresh("post")
    await says(service, "announced", said(moms, post, olga, mentions=[cy]))
    await says(service, "mentioned", said(moms, post, olga, mentions=[cy]))
    for who in (ada, bo):
        [line] = await eventually(partial(service.inbox, who))
        assert (line["kind"], line["member_id"], line["post_id"], line["thread_id"]) == (
            "post.announced",
            olga,
            post,
            post,
        )
        assert line["text"] == "Olga announced in Jersey City Moms: Bring cake"
    [mail] = await eventually(lambda: service.mails(address))
    assert mail.summary()["subject"] == "Announcement in Jersey City Moms"
    assert "Olga announced in Jersey City Moms:\n\nBring cake" in mail.whole()["text"].replace("\r\n", "\n")
    [line] = await eventually(lambda: service.inbox(cy))
    assert line["kind"] == "post.mentioned"
    await _gone_through(service, moms)
    assert await service.inbox(olga) == []
    assert await service.inbox(gone) == []
    assert len(await service.inbox(cy)) == 1
    assert len(service.mails(address)) == 1


async def _gone_through(service: Service, moms: str) -> None:
    async def rested() -> bool:
        return await service.database["spreads"].count({"group_id": moms, "look": {"$gte": 1}}) == 1

    await eventually(rested)


async def test_a_mention_and_a_reply_reach_whom_they_concern(service: Service) -> None:
    ada, bo, eve, gone = fresh("ada"), fresh("bo"), fresh("eve"), fresh("gone")
    for who, name in ((ada, "Ada L."), (bo, "Bo"), (eve, "Eve")):
        await named(service, who, name)
    address = await service.reachable(ada)
    moms, olga = await founded(service, ada, bo, gone)
    await leaves(service, moms, gone)
    post, one, two = fresh("post"), fresh("one"), fresh("two")
    await says(service, "posted", said(moms, post, ada))
    answer = said(
        moms, one, olga, thread_id=post, excerpt=f"Yes, and @[{ada}] brings cake for @[{bo}], @[{eve}] and @[{gone}]"
    )
    await says(service, "replied", answer.model_copy(update={"answers": ada}))
    await says(service, "mentioned", said(moms, two, bo, thread_id=post, mentions=[ada, gone, bo]))
    await eventually(lambda: _lines(service, ada, 2))
    # two posts are two subjects: which is heard of first is nobody's promise
    lines = {line["kind"]: line for line in await service.inbox(ada)}
    assert sorted(lines) == ["post.mentioned", "post.replied"]
    reply = lines["post.replied"]
    assert (reply["post_id"], reply["thread_id"], reply["member_id"]) == (one, post, olga)
    assert (
        reply["text"]
        == "Olga replied to you in Jersey City Moms: Yes, and @Ada L. brings cake for @Bo, @Eve and @somebody"
    )
    await eventually(lambda: len(service.mails(address)) == 2)
    subjects = {mail.summary()["subject"] for mail in service.mails(address)}
    assert subjects == {
        "Olga replied to you in Jersey City Moms",
        "Bo mentioned you in Jersey City Moms",
    }
    for who in (olga, bo, gone):
        assert await service.inbox(who) == []


async def _lines(service: Service, who: str, many: int) -> bool:
    return len(await service.inbox(who)) >= many


async def test_what_was_taken_away_is_quoted_no_more(service: Service) -> None:
    ada = fresh("ada")
    moms, olga = await founded(service, ada)
    post = fresh("post")
    await says(service, "mentioned", said(moms, post, olga, mentions=[ada]))
    [line] = await eventually(lambda: service.inbox(ada))
    assert line["text"] == "Olga mentioned you in Jersey City Moms: Bring cake"
    last = await says(service, "deleted", said(moms, post, olga, excerpt=None, version=2))
    await service.reached("groups.conversation.v1", post, last)
    [line] = await service.inbox(ada)
    assert line["text"] == "Olga mentioned you in Jersey City Moms."
    stored = await service.database["posts"].find_one({"_id": post})
    assert stored is not None
    assert (stored["state"], stored["excerpt"]) == ("deleted", None)


async def test_who_has_left_reads_no_more_of_what_was_said_to_them(service: Service) -> None:
    ada = fresh("ada")
    moms, olga = await founded(service, ada, visibility="private")
    await says(service, "mentioned", said(moms, fresh("post"), olga, mentions=[ada]))
    [line] = await eventually(lambda: service.inbox(ada))
    assert line["text"].endswith(": Bring cake")
    await leaves(service, moms, ada)
    [line] = await service.inbox(ada)
    assert line["text"] == "Olga mentioned you in Jersey City Moms."


async def test_in_a_large_group_announcements_come_as_one_mail_a_day_without_those_taken_away(
    service: Service,
) -> None:
    ada, bo = fresh("ada"), fresh("bo")
    address = await service.reachable(ada)
    await named(service, ada, "Ada", evening())
    moms, olga = await founded(service, ada, bo, digest_above=2)
    kept, taken, later = fresh("kept"), fresh("taken"), fresh("later")
    for post, words in ((kept, "Bring cake"), (taken, "Bring knives"), (later, "Bring forks")):
        await says(service, "announced", said(moms, post, olga, excerpt=words))
    digest = {"member_id": ada, "kind": "post.digest"}

    async def all_taken_up() -> bool:
        found = await service.database["mails"].find(digest)
        return len(found) == 1 and len(found[0]["items"]) == 3

    await eventually(all_taken_up)
    assert [line["kind"] for line in await service.inbox(ada)] == ["post.announced"] * 3
    last = await says(service, "hidden", said(moms, taken, olga, excerpt=None, version=2))
    await service.reached("groups.conversation.v1", taken, last)
    assert service.mails(address) == []
    # it is eight o'clock
    await service.database["mails"].update_one(digest, {"$set": {"due_at": utc_now() - timedelta(seconds=1)}})
    [mail] = await eventually(lambda: service.mails(address))
    text = mail.whole()["text"]
    assert mail.summary()["subject"] == "Announcements in your groups"
    assert "Bring cake" in text
    assert "Bring forks" in text
    assert "Bring knives" not in text


async def test_what_the_same_batch_takes_away_is_told_nobody_and_the_forgotten_hear_nothing(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    people = [{"_id": f"moms:{who}", "member_id": who, "group_id": "moms", "state": "active"} for who in ("ada", "eve")]
    await database["memberships"].write([InsertOne(person) for person in people])
    await database["members"].insert_one({"_id": "eve", "sequence": 2, "deleted": True})

    def told(sequence: int, what: str, post: str, **changes: Any) -> Received[ConversationFact]:
        body = said("moms", post, "olga", thread_id="thread", **changes)
        kind = f"conversation.{what}"
        return heard(body.topic, kind, sequence, subject="thread", key=post, actor="olga", body=body)

    async with database.transaction() as session:
        effects = Effects(database, session)
        batch = [
            told(1, "mentioned", "taken", mentions=["ada"]),
            told(2, "mentioned", "kept", mentions=["ada", "eve"]),
            told(3, "hidden", "taken", excerpt=None),
            told(4, "hidden", "kept", excerpt=None),
            told(5, "shown", "kept", excerpt="Bring cake"),
        ]
        await about("author_id", on_conversations)(batch, effects)
        await effects.send()
    lines = await database["inbox"].find({})
    assert [(line["member_id"], line["post_id"]) for line in lines] == [("ada", "kept")]
    states = {post["_id"]: (post["state"], post["excerpt"]) for post in await database["posts"].find({})}
    assert states == {"taken": ("hidden", None), "kept": ("shown", "Bring cake")}
    indexes = (await database.command({"listIndexes": "posts"}))["cursor"]["firstBatch"]
    assert {index["expireAfterSeconds"] for index in indexes if "expireAfterSeconds" in index} == {7 * 86_400}
    database.close()
