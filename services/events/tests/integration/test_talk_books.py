"""What is said about events and how they are rated, after all that can become of it: the checks find nothing wrong."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from chassis.mongo import Database, connect
from chassis.reconcile.findings import Findings
from chassis.reconcile.pace import Pace
from events_service.handlers import comment, feedback, letter, rsvp
from events_service.store import schema
from events_service.store.talk_reconcile import TALK_CHECKS
from testkit import MongoServer

from .deciding import Deciding, InDatabase, act
from .test_talk_store import OVER, community, delete, made, rate, say

KINDS = {"comments_wrong", "letters_wrong", "replies_wrong", "revisions_wrong", "ratings_wrong"}


@pytest.fixture
async def database(mongo_server: MongoServer) -> AsyncIterator[Database]:
    async with mongo_server.database() as url:
        found = connect(url)
        await schema.prepare(found)
        yield found
        found.close()


async def looked(database: Database) -> Findings:
    found = Findings()
    for check in TALK_CHECKS:
        found.take(await check.run(database, Pace()))
    return found


async def test_nothing_is_wrong_after_edits_deletions_days_and_withdrawals(database: Database) -> None:
    deciding = Deciding(InDatabase(database, transactions=True))
    await community(deciding, "ada", "bo")
    first = await made(deciding, say(comment.COMMENT, "ada", "Who comes, @[bo]?"))
    second = await made(deciding, say(comment.COMMENT, "bo"))
    for version, body in enumerate(("One", "Two"), start=1):
        await deciding.one(say(comment.EDIT, "ada", body, comment_id=first, version=version))
        await deciding.one(say(comment.EDIT, "bo", body, comment_id=second, version=version))
    for to in (first, second):
        kept, gone = [await made(deciding, say(comment.REPLY, "bo", body, to=to)) for body in ("Me", "Not me")]
        await deciding.one(say(comment.EDIT, "bo", "Still me", comment_id=kept, version=1))
        await deciding.one(delete(gone, "olga"))
    await deciding.one(delete(second, "bo"))
    for days in range(3):
        for body in ("East door", "West door"):
            sent = await deciding.one(say(letter.SEND, "hana", f"{body} {days}", to="all"))
            assert sent.refused is None, sent.detail
            deciding.now += timedelta(hours=11)
    written = await deciding.document("letters", sent.answer["message_id"])
    assert written is not None
    await deciding.one(letter.withdraw(written))
    for one in ("ada", "bo"):
        await deciding.one(act(rsvp.RESPOND, "e", one, response="yes", guests=0))
    deciding.now = OVER
    for command in (
        rate("ada", 4, "come-again"),
        rate("bo", 1, "help-out"),
        rate("ada", 5, "come-again", "meet-again"),
    ):
        assert (await deciding.one(command)).refused is None
    given = await deciding.document("feedback", "e:bo")
    assert given is not None
    await deciding.one(feedback.withdraw(given))
    found = await looked(database)
    assert (found.counts, found.examples) == (dict.fromkeys(KINDS, 0), {})
    for name, count in (("comments", 6), ("letters", 6), ("feedback", 2), ("revisions", 4)):
        assert await database[name].count({}) == count, "there was something to look at"
