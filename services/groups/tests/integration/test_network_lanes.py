"""A network and its chapters in several lanes: whatever is wished at once, both sides agree in the end."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from chassis.journal import Journal
from chassis.journal.port import Ask
from chassis.journal.shape import HANDOFFS
from chassis.reconcile.pace import Pace
from groups_service.handlers import chapter, group, network
from groups_service.store.network_reconcile import NETWORK_CHECKS
from testkit import MongoServer, eventually

from .deciding import DETAILS, deciding, wish

LANES = 3


async def test_whatever_admins_and_leaders_wish_at_once_both_sides_agree(mongo_server: MongoServer) -> None:
    async with deciding(mongo_server, LANES) as (journal, database):
        networks = [
            await network.create(journal, wish("ada", n), name="N", reason="owned", dormant_after=90) for n in range(2)
        ]
        groups = [await group.create(journal, wish("olga", n), DETAILS) for n in range(6)]
        ids = [result.answer["network_id"] for result in networks]
        random = Random(5)
        acts: list[tuple[str, Callable[[Journal, Ask, str, str], Awaitable[Any]], bool]] = [
            ("ada", network.welcome, True),
            ("ada", network.accept, True),
            ("ada", network.put_out, True),
            ("olga", chapter.ask_network, False),
            ("olga", chapter.accept, False),
            ("olga", chapter.leave, False),
        ]

        async def act(number: int) -> None:
            actor, does, networks_own = random.choice(acts)
            pair = random.choice(ids), random.choice(groups).answer["group_id"]
            await does(journal, wish(actor, number), *(pair if networks_own else reversed(pair)))

        for round_ in range(4):
            await asyncio.gather(*(act(100 * (round_ + 1) + number) for number in range(60)))

        async def quiet() -> bool:
            return not await database[HANDOFFS].count({})

        await eventually(quiet, within=60)
        found = [await check.run(database, Pace()) for check in NETWORK_CHECKS]
        inside = await database["groups"].count({"network_id": {"$in": ids}})
        ever = await database["journal"].count({"entries.facts.fact": "NetworkJoined"})
    assert [finding.examples for finding in found if not finding.sound] == []
    assert ever >= inside
    assert ever > 0, "nobody ever came in"
