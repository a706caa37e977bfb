"""A busy group gathers before its next batch; a quiet one takes the first message in at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from consuming import QUICK, Notebook, Publisher, applied

from chassis.consumers import Consumers
from chassis.mongo import Database

Start = Callable[..., Awaitable[Consumers]]


async def test_where_batch_follows_upon_batch_the_next_one_gathers(
    start: Start, publish: Publisher, database: Database, notebook: Notebook
) -> None:
    await start(replace(QUICK, gather=10.0))
    await publish.fact("e1", 1)
    await applied(database, e1=[1])
    await publish.fact("e1", 2)
    await applied(database, e1=[1, 2])
    await publish.fact("e1", 3)
    for partition in (1, 2, 3):  # what is read ahead of one partition is read once until it is taken
        await publish.fact(f"e{partition + 1}", 1, partition=partition)
    await applied(database, e1=[1, 2, 3], e2=[1], e3=[1], e4=[1])
    assert notebook.calls == [1, 1, 4]


async def test_who_gathers_stops_at_once(start: Start, publish: Publisher, database: Database) -> None:
    member = await start(replace(QUICK, gather=60.0))
    await publish.fact("e1", 1)
    await applied(database, e1=[1])
    await publish.fact("e1", 2)
    await applied(database, e1=[1, 2])
    async with asyncio.timeout(30):
        await member.stop()
