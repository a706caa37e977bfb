"""Rounds share out everybody and every event once, and faults wait for their count."""

import asyncio

from convene.chaos.crowding import Counted, share, whole
from convene.load import Field, Setting

ROUND = Setting(events=2, members=3, requests=5, mailed=2)
ROUNDS = 4


def everybody() -> Field:
    """What is prepared for all rounds."""
    setting = whole(ROUND, ROUNDS)
    members = [f"m{number}" for number in range(setting.members)]
    return Field("g", "host", [f"e{number}" for number in range(setting.events)], members, members[: setting.mailed])


def test_each_event_and_each_member_has_one_round() -> None:
    mine = [share(everybody(), ROUND, number, ROUNDS) for number in range(ROUNDS)]
    assert [len(one.events) for one in mine] == [2] * ROUNDS
    assert [len(one.members) for one in mine] == [3] * ROUNDS
    assert sorted(event for one in mine for event in one.events) == sorted(everybody().events)
    assert sorted(member for one in mine for member in one.members) == sorted(everybody().members)


def test_those_who_get_mail_are_not_all_in_the_first_round() -> None:
    mine = [share(everybody(), ROUND, number, ROUNDS) for number in range(ROUNDS)]
    assert [bool(set(one.members) & set(one.mailed)) for one in mine] == [True, True, False, False]


async def test_a_fault_waits_for_its_count() -> None:
    counted, reached = Counted(), asyncio.Event()

    async def fault() -> None:
        await counted.reach(2)
        reached.set()

    waiting = asyncio.create_task(fault())
    counted.step(1)
    await asyncio.sleep(0)
    assert not reached.is_set()
    counted.step(1)
    await waiting
    await counted.reach(2)
