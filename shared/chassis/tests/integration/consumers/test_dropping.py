"""Giving up a record that somebody else wrote must not give up the real messages of the same subject."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from consuming import FACTS, STATE, Publisher, applied, headers, seen

from chassis import dead_letters
from chassis.consumers import Consumers
from chassis.mongo import Database, Document
from testkit import eventually

Start = Callable[..., Awaitable[Consumers]]


async def _parked(database: Database, reason: str) -> Document | None:
    found = await dead_letters.list_parked(database)
    return next((one for one in found if (one["held"] or one)["reason"] == reason), None)


async def _drop(database: Database, record: Document | None) -> Any:
    assert record is not None
    return await dead_letters.outcome(database, await dead_letters.request_drop(database, record["id"]), within=60)


async def test_a_real_message_of_the_same_number_is_applied_when_the_poison_is_dropped(
    start: Start, publish: Publisher, database: Database
) -> None:
    await start()
    await publish.fact("e1", 1)
    await applied(database, e1=[1])
    await publish.raw(FACTS, "e1", b"{nope", headers("e1", 2, ce_id="of-somebody-else"))
    await publish.fact("e1", 2, 3)
    poison = await eventually(lambda: _parked(database, "unreadable"))

    async def both_behind() -> bool:
        listed = await dead_letters.list_parked(database)
        return [one["behind"] for one in listed] == [2]

    await eventually(both_behind)
    assert await _drop(database, poison) == {"dropped": 1, "released": 2, "remaining": 0}
    assert await seen(database) == {"e1": [1, 2, 3]}


async def test_poison_far_ahead_is_dropped_without_the_messages_before_it(
    start: Start, publish: Publisher, database: Database
) -> None:
    await start()
    await publish.fact("e1", 1)
    await publish.raw(FACTS, "e1", b"{nope", headers("e1", 900, ce_id="of-somebody-else"))
    poison = await eventually(lambda: _parked(database, "gap"), within=60)
    assert await _drop(database, poison) == {"dropped": 1, "released": 0, "remaining": 0}
    await publish.fact("e1", 2, 3)
    await applied(database, e1=[1, 2, 3])


@pytest.mark.parametrize("sequence", [2, 900])
async def test_dropping_poison_of_a_state_topic_keeps_the_states_that_follow(
    start: Start, publish: Publisher, database: Database, sequence: int
) -> None:
    await start()
    await publish.state("g1", 1)
    await publish.raw(STATE, "g1", b"{nope", headers("g1", sequence, STATE, ce_id="of-somebody-else"))
    poison = await eventually(lambda: _parked(database, "unreadable"))
    assert await _drop(database, poison) == {"dropped": 1, "released": 0, "remaining": 0}
    await publish.state("g1", 2, 3)
    await applied(database, g1=[1, 2, 3])


async def test_poison_before_the_first_message_is_dropped_without_it(
    start: Start, publish: Publisher, database: Database
) -> None:
    await start()
    await publish.raw(FACTS, "e1", b"{nope", headers("e1", 900, ce_id="of-somebody-else"))
    poison = await eventually(lambda: _parked(database, "unreadable"))
    assert await _drop(database, poison) == {"dropped": 1, "released": 0, "remaining": 0}
    await publish.fact("e1", 1, 2)
    await applied(database, e1=[1, 2])
