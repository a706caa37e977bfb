"""The mail worker against a mail server that misbehaves, and a database that goes away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from email import message_from_bytes

import pytest
import pytest_asyncio

from chassis.clock import utc_now
from chassis.journal import HANDOFFS
from chassis.mongo import connect
from convene.parts.ports import free_port
from notifications_service.domain.notice import Kind
from notifications_service.handlers.contact import GIVE
from notifications_service.store.privacy import NotificationsHoldings
from testkit import KafkaServer, MongoServer, eventually

from .conftest import prepared, running
from .post import GONE, GOOD, HELD, Fickle, Post


@pytest_asyncio.fixture(loop_scope="session")
async def fickle() -> Fickle:
    return Fickle()


@pytest_asyncio.fixture(loop_scope="session")
async def post(
    mongo_server: MongoServer, kafka_server: KafkaServer, issuer: str, fickle: Fickle
) -> AsyncIterator[Post]:
    async with fickle.listening() as port, prepared(mongo_server, kafka_server, issuer, port) as settings:
        database = connect(settings.mongo_url.get_secret_value())
        found = Post(settings, database, port)
        await found.known()
        yield found
        database.close()


async def test_a_temporary_refusal_is_tried_again_and_a_final_one_is_not(post: Post, fickle: Fickle) -> None:
    soon, never = await post.member(), await post.member()
    fickle.script = ["451 later"]
    async with running(post.settings, ("worker",)):
        queued = utc_now()
        put_off = await post.queue([soon])

        async def waits() -> bool:
            return bool((await post.state(put_off))["attempts"] == 1)

        await eventually(waits)
        state = await post.state(put_off)
        assert (state["state"], state["repeats"]) == ("waiting", 0)
        assert queued + timedelta(seconds=3) < state["due_at"] < utc_now() + timedelta(seconds=7)
        await eventually(lambda: len(fickle.taken) == 1)
        assert fickle.taken[0][0] == f"{soon}@example.org"
        fickle.script = ["550 no such person"]
        refused = await post.queue([never])

        async def dropped() -> bool:
            return bool((await post.state(refused))["state"] == "dropped")

        await eventually(dropped)
        assert (await post.state(refused))["why"] == "refused"
        assert "due_at" not in await post.state(refused)
        assert len(fickle.taken) == 1


async def test_a_server_that_goes_away_with_the_mail_gets_it_again_under_the_same_id(
    post: Post, fickle: Fickle
) -> None:
    member = await post.member()
    fickle.script = [GONE]
    async with running(post.settings, ("worker",)):
        id_ = await post.queue([member])

        async def sent() -> bool:
            return bool((await post.state(id_))["state"] == "sent")

        await eventually(sent)
    assert (await post.state(id_))["repeats"] == 1
    ids = {message_from_bytes(mail)["Message-ID"] for mail in fickle.read}
    assert (len(fickle.read), ids) == (2, {f"<{id_}@convene.localhost>"})


async def test_mails_wait_for_a_server_that_is_away(post: Post, fickle: Fickle) -> None:
    port = free_port()
    away = post.settings.model_copy(update={"smtp_url": type(post.settings.smtp_url)(f"smtp://127.0.0.1:{port}")})
    member = await post.member()
    async with running(away, ("worker",)):
        id_ = await post.queue([member])

        async def tried() -> bool:
            return bool((await post.state(id_))["failures"] >= 2)

        await eventually(tried)
        async with fickle.listening(port):
            await eventually(lambda: len(fickle.taken) == 1)
    assert (await post.state(id_))["repeats"] == 0


async def test_what_is_not_true_any_more_is_not_mailed(post: Post, fickle: Fickle) -> None:
    member, unverified = await post.member(), await post.member(verified=False)
    await post.known(status="cancelled")
    changed = await post.queue([member], Kind.EVENT_CHANGED)
    old = await post.queue([member], at=utc_now() - timedelta(days=8))
    nobody = await post.queue([unverified])
    last = await post.queue([member], Kind.EVENT_CANCELLED)
    async with running(post.settings, ("worker",)):

        async def done() -> bool:
            return await post.database["mails"].count({"due_at": {"$exists": True}}) == 0

        await eventually(done)
    states = [await post.state(id_) for id_ in (changed, old, nobody, last)]
    assert [state.get("why", state["state"]) for state in states] == ["superseded", "stale", "unverified", "sent"]
    assert len(fickle.taken) == 1


async def test_what_is_not_the_recipients_any_more_or_was_taken_away_is_not_mailed(post: Post, fickle: Fickle) -> None:
    left, stays = await post.member(), await post.member()
    states = {left: "left", stays: "active"}
    rows = [{"_id": f"moms:{member}", "state": state} for member, state in states.items()]
    await post.database["memberships"].insert_many(rows)
    await post.database["posts"].insert_many(
        [
            {"_id": name, "state": state, "excerpt": "Bring cake"}
            for name, state in (("kept", "shown"), ("gone", "hidden"))
        ]
    )
    for_members = await post.queue([left], Kind.POST_MENTIONED, post_id="kept")
    gone = await post.queue([stays], Kind.POST_REPLIED, post_id="gone")
    expired = await post.queue([stays], Kind.POST_REPLIED, post_id="never heard of")
    needed = await post.queue([stays], Kind.GROUP_INVITED)
    sent = await post.queue([stays], Kind.POST_MENTIONED, post_id="kept")
    async with running(post.settings, ("worker",)):

        async def done() -> bool:
            return await post.database["mails"].count({"due_at": {"$exists": True}}) == 0

        await eventually(done)
    found = [await post.state(id_) for id_ in (for_members, gone, expired, needed, sent)]
    assert [state.get("why", state["state"]) for state in found] == [
        "not-a-member",
        "withdrawn",
        "withdrawn",
        "superseded",
        "sent",
    ]
    assert [address for address, _ in fickle.taken] == [f"{stays}@example.org"]


async def test_two_workers_send_each_mail_once_and_prompt_ones_first(post: Post, fickle: Fickle) -> None:
    members = [await post.member() for _ in range(40)]
    await post.queue(members, Kind.EVENT_ANNOUNCED, at=utc_now() - timedelta(minutes=1))
    await post.queue(members[:1])
    async with running(post.settings, ("worker",)), running(post.settings, ("worker",)):
        await eventually(lambda: len(fickle.taken) >= 41, within=60)

        async def done() -> bool:
            return await post.database["mails"].count({"state": "sent", "repeats": 0}) == 41

        await eventually(done)
    subjects = [message_from_bytes(mail)["Subject"] for _, mail in fickle.taken]
    assert len({message_from_bytes(mail)["Message-ID"] for _, mail in fickle.taken}) == len(subjects) == 41
    assert "You are going: Tea" in subjects[:33]


async def test_a_server_that_refuses_the_sender_loses_nobodys_mail(post: Post, fickle: Fickle) -> None:
    member = await post.member()
    fickle.welcome = False
    async with running(post.settings, ("worker",)):
        id_ = await post.queue([member])

        async def tried() -> bool:
            return bool((await post.state(id_))["failures"] >= 1)

        await eventually(tried)
        fickle.welcome = True
        await eventually(lambda: len(fickle.taken) == 1)


async def test_a_mail_waits_a_while_for_its_event_however_old_it_is(post: Post, fickle: Fickle) -> None:
    member = await post.member()
    await post.database["events"].delete_many({})
    async with running(post.settings, ("worker",)):
        id_ = await post.queue([member], at=utc_now() - timedelta(hours=5))

        async def waits() -> bool:
            return "waiting_since" in await post.state(id_)

        await eventually(waits)
        assert fickle.read == []
        await post.known()
        await eventually(lambda: len(fickle.taken) == 1)
    assert message_from_bytes(fickle.taken[0][1])["Subject"] == "You are going: Tea"


async def test_a_mail_under_way_whose_lease_ran_out_is_not_taken_for_a_repeat(post: Post, fickle: Fickle) -> None:
    slow, quick = await post.member(), await post.member()
    fickle.script = [HELD + GOOD]
    async with running(post.settings, ("worker",)):
        held = await post.queue([slow])
        await eventually(lambda: len(fickle.read) == 1)
        past = {"$set": {"due_at": utc_now() - timedelta(minutes=1)}}
        assert await post.database["mails"].update_one({"_id": held, "state": "sending"}, past) == 1
        # whoever takes this one has seen that the other's lease ran out
        await post.queue([quick])
        await eventually(lambda: len(fickle.taken) == 1)
        fickle.free.set()

        async def sent() -> bool:
            return bool((await post.state(held))["state"] == "sent")

        await eventually(sent)
    assert ((await post.state(held))["repeats"], len(fickle.read)) == (0, 2)


@pytest.mark.parametrize("answer", [GOOD, "550 no such person", "451 later"])
async def test_what_came_of_a_mail_is_noted_when_the_database_is_back(
    post: Post, fickle: Fickle, mongo_server: MongoServer, answer: str
) -> None:
    fickle.script = [HELD + answer]
    async with running(post.settings, ("worker",)):
        id_ = await post.queue([await post.member()])
        await eventually(lambda: len(fickle.read) == 1)
        # the driver tries each write twice
        async with post.unwritable(mongo_server, {"times": 4}):
            fickle.free.set()

            async def noted() -> bool:
                return bool((await post.state(id_))["state"] != "sending")

            await eventually(noted)
    state = await post.state(id_)
    expected = {GOOD: "sent", "550 no such person": "dropped", "451 later": "waiting"}
    assert (state["state"], state["repeats"], len(fickle.read)) == (expected[answer], 0, 1)


async def test_a_worker_that_is_told_to_stop_does_not_wait_for_the_database(
    post: Post, fickle: Fickle, mongo_server: MongoServer
) -> None:
    fickle.script = [HELD + GOOD]
    async with AsyncExitStack() as outage, asyncio.timeout(60), running(post.settings, ("worker",)):
        id_ = await post.queue([await post.member()])
        await eventually(lambda: len(fickle.read) == 1)
        await outage.enter_async_context(post.unwritable(mongo_server, "alwaysOn"))
        fickle.free.set()
        await eventually(lambda: len(fickle.taken) == 1)
    assert (await post.state(id_))["state"] == "sending"


async def test_forgetting_waits_for_its_receipt_to_be_taken_or_refused_but_not_for_longer_than_a_day(
    post: Post, fickle: Fickle
) -> None:
    holdings = NotificationsHoldings(post.settings.sealer("address"))

    async def goes(member: str) -> bool:
        """Whether the address is asked to go, after another step of forgetting."""
        assert not await holdings.erase(post.database, member)
        return await post.database[HANDOFFS].count({"name": GIVE, "aggregate": member}) == 1

    ada, bo, unproved = await post.member(), await post.member(), await post.member(verified=False)
    assert await goes(unproved)
    assert [await goes(ada) for _ in range(2)] == [False, False]
    fickle.script = [f"{HELD}550 no such person"]
    async with running(post.settings, ("worker",)):
        await eventually(lambda: len(fickle.read) == 1, within=60)
        assert not await goes(ada)
        fickle.free.set()
        await eventually(lambda: goes(ada), within=60)
    assert not await goes(bo)
    await post.database["mails"].update_one({"member_id": bo}, {"$set": {"at": utc_now() - timedelta(hours=25)}})
    assert await goes(bo)
    assert fickle.taken == []
