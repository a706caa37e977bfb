"""What waits aside of a subject that is deleted is not kept: on real Kafka and MongoDB."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from consuming import FACTS, STATE, Notebook, Publisher, applied, headers
from pydantic_core import to_json

from chassis import dead_letters
from chassis.consumers import Consumers
from chassis.consumers.parking import PARKED
from chassis.mongo import Database
from testkit import eventually

Start = Callable[..., Awaitable[Consumers]]


async def deleted(publish: Publisher, subject: str, sequence: int) -> None:
    await publish.raw(STATE, subject, None, headers(subject, sequence, STATE))


async def parked(database: Database, subject: str, count: int) -> bool:
    return await database[PARKED].count({"subject": subject}) == count


@pytest.mark.parametrize("poison", [2, 5], ids=["its own", "somebody else's, under the deletion's number"])
async def test_a_deletion_takes_what_waits_of_its_subject_and_frees_it(
    start: Start, publish: Publisher, database: Database, notebook: Notebook, poison: int
) -> None:
    member = await start()
    notebook.refused.add(("g2", 2))
    await publish.state("g1", 1)
    await publish.raw(STATE, "g1", b'{"name": "planted"', headers("g1", poison, STATE, ce_id="poison"))
    await publish.state("g1", 3, 4)
    await publish.state("g2", 1, 2, 3)
    await eventually(partial(parked, database, "g1", 3), within=60)
    await eventually(partial(parked, database, "g2", 2), within=60)
    await deleted(publish, "g1", 5)
    await applied(database, g1=[1, 5], g2=[1])
    assert await database[PARKED].find({"subject": "g1"}) == []
    assert [one["subject"] for one in await dead_letters.list_parked(database)] == ["g2"]
    await eventually(lambda: member.progress()["held"] == 1, within=60)
    await publish.state("g1", 6)
    await applied(database, g1=[1, 5, 6], g2=[1])


async def test_a_deletion_that_waits_already_counts_when_it_is_looked_at_again(
    start: Start, publish: Publisher, database: Database, notebook: Notebook
) -> None:
    """As one that a handler stumbled over."""
    notebook.bugs |= {("g1", 2), ("g1", 4)}
    await start()
    await publish.state("g1", 1, 2, 3)
    await deleted(publish, "g1", 4)
    await publish.state("g1", 5)
    await eventually(partial(parked, database, "g1", 4), within=60)
    notebook.bugs.discard(("g1", 4))
    first = await eventually(lambda: dead_letters.list_parked(database))
    request = await dead_letters.request_replay(database, first[0]["id"])
    assert await dead_letters.outcome(database, request, within=60) == {"released": 2, "remaining": 0}
    await applied(database, g1=[1, 4, 5])


async def test_on_a_fact_topic_nothing_ends_what_waits(start: Start, publish: Publisher, database: Database) -> None:
    await start()
    await publish.fact("e1", 1)
    await publish.raw(FACTS, "e1", to_json({"no": "fact"}), headers("e1", 2))
    await publish.raw(FACTS, "e1", None, headers("e1", 3))
    await eventually(partial(parked, database, "e1", 2), within=60)
    await applied(database, e1=[1])
