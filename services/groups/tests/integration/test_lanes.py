"""Several lanes decide at the same time: names stay unique, numbers never meet."""

import asyncio
from dataclasses import replace

from chassis.journal.numbers import NUMBERS
from chassis.journal.port import Ask
from chassis.journal.slots import lane_index
from chassis.reconcile.pace import Pace
from groups_service.handlers import group, member
from groups_service.store.group import GROUP_NUMBERS
from groups_service.store.reconcile import CHECKS
from testkit import MongoServer

from .deciding import DETAILS, deciding, wish

LANES = 3


def by(number: int) -> Ask:
    """Somebody's only one."""
    return wish(f"member-{number}", 1)


async def test_groups_founded_at_once_in_several_lanes(mongo_server: MongoServer) -> None:
    async with deciding(mongo_server, LANES) as (journal, database):
        wished = replace(DETAILS, urlname="sp-rust")
        claimed = await asyncio.gather(*(group.create(journal, by(n), wished) for n in range(12)))
        named = await asyncio.gather(*(group.create(journal, by(n), DETAILS) for n in range(20, 32)))
        await asyncio.gather(*(member.register(journal, f"member-{n}") for n in range(30)))
        found = [await check.run(database, Pace()) for check in CHECKS]
    assert [result.refused for result in claimed].count(None) == 1
    assert {result.refused for result in claimed} <= {None, "urlname-taken"}
    groups = [result.answer for result in named]
    assert {result.refused for result in named} == {None}
    assert len({answer["urlname"] for answer in groups}) == len({answer["number"] for answer in groups}) == 12
    assert len({lane_index(answer["group_id"], LANES) for answer in groups}) == LANES
    assert [finding.examples for finding in found if not finding.sound] == []


async def test_numbers_that_a_restored_database_forgot_are_skipped(mongo_server: MongoServer) -> None:
    """Two groups are founded, the database is restored to before them, and they are founded again by others."""
    async with deciding(mongo_server) as (journal, database):
        told = [(await group.create(journal, by(n), DETAILS)).answer["number"] for n in range(9)]
        await database[NUMBERS].delete_many({})
        await GROUP_NUMBERS.skip(database, len(told))
        again = [(await group.create(journal, by(n), DETAILS)).answer["number"] for n in range(20, 29)]
    assert len(set(told) | set(again)) == 18
