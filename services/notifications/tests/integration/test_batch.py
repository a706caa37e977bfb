"""What a batch of the busiest topic costs: which commands its transaction sends, however many messages it has."""

import json
from time import monotonic

import pytest

from chassis import journal, privacy
from chassis.clock import utc_now
from chassis.consumers import prepare
from chassis.consumers.applying import Applier
from chassis.consumers.decode import Decoded, Record, decode
from chassis.mongo import Database
from contracts.events import RsvpChanged
from contracts.examples import examples
from notifications_service.consumers import SUBSCRIPTIONS
from notifications_service.store import schema
from testkit.commands import Commands

from .community import rsvp
from .test_forgotten import case

PEOPLE = [f"m{number}" for number in range(50)]
LOOK = "aggregate privacy_cases members accounts"
"""All that is asked about people, in one turn."""


@pytest.fixture
async def database(watched: Database) -> Database:
    for made in (journal, privacy, schema):
        await made.prepare(watched)
    await prepare(watched)
    return watched


def answers(sequence: int, status: str, was: str | None = None) -> list[Decoded]:
    """One of each of these people to an event of their own, so that nothing is saved by what they have in common."""
    [like] = [one for one in examples() if one.type == "convene.events.rsvp.confirmed.v1"]
    items = []
    for offset, who in enumerate(PEOPLE):
        event = f"{who}s-park"
        body = rsvp(event, "moms", who, sequence, status, was=was)
        head = {"ce_subject": event, "ce_sequence": str(sequence), "ce_id": f"{event}-{sequence}", "ce_actor": who}
        headers = tuple((name, value.encode()) for name, value in {**like.headers, **head}.items())
        value = json.dumps(body.model_dump(mode="json")).encode()
        items.append(decode(Record(RsvpChanged.topic, 0, offset, 0, event.encode(), value, headers)))
    return items


async def sent(commands: Commands, database: Database, items: list[Decoded]) -> list[str]:
    """What taking these in sends."""
    commands.sent.clear()
    applier = Applier(database, "notifications", {one.topic: one for one in SUBSCRIPTIONS})
    await applier.run(items, until=monotonic())
    assert await database["parked"].count({}) == 0
    return commands.sent[: commands.sent.index("commitTransaction") + 1]


async def test_a_batch_of_rsvps_asks_about_its_people_once_and_each_collection_at_most_once(
    database: Database, commands: Commands
) -> None:
    assert await sent(commands, database, answers(1, "yes")) == [
        *("find marks", LOOK, "aggregate inbox rsvps", "insert inbox", "insert rsvps"),
        *("update marks", "commitTransaction"),
    ]
    assert await sent(commands, database, answers(2, "no", was="yes")) == [
        *("find marks", LOOK, "aggregate rsvps", "update rsvps"),
        *("update marks", "commitTransaction"),
    ]
    assert await database["inbox"].count({}) == len(PEOPLE)


async def test_mails_and_people_of_whom_an_erasure_is_known_cost_one_command_more_for_each_collection(
    database: Database, commands: Commands
) -> None:
    now = utc_now()
    await database["accounts"].insert_many([{"_id": who, "address": {"verified_at": now}} for who in PEOPLE])
    await database[privacy.CASES].insert_many([case(who, "answered", now) for who in PEOPLE[:10]])
    assert await sent(commands, database, answers(1, "yes")) == [
        *("find marks", LOOK, "aggregate members"),
        *("aggregate inbox mails rsvps", "insert inbox", "insert mails", "insert rsvps"),
        *("update marks", "commitTransaction"),
    ]
    assert await database["mails"].count({}) == len(PEOPLE) - 10
