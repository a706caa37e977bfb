"""Requests about people's data are worked on one by one, whatever becomes of the others."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis import clock
from chassis.journal import HANDOFFS
from chassis.mongo import Database, Document, InsertOne
from chassis.privacy import CASES, PrivacyWorker
from chassis.privacy.schema import prepare

MANY = 120


class Holding:
    """Holds nothing, but for members whose documents cannot be read and those of whom something is left."""

    async def gather(self, database: Database, member_id: str) -> AsyncIterator[tuple[str, list[Document]]]:
        if member_id == "broken":
            raise ValueError("sealed under a key that is gone")
        yield "notes", [{"id": str(number), "text": "x" * 1_000} for number in range(300)]

    async def erase(self, database: Database, member_id: str) -> bool:
        return member_id != "waiting"


@pytest.fixture
async def cases(database: Database) -> Any:
    await prepare(database)

    async def put(*members: tuple[str, str]) -> None:
        await database[CASES].write(
            [
                InsertOne(
                    {
                        "_id": f"case-{number:03}",
                        "request_id": f"{number:03}",
                        "member_id": member,
                        "kind": kind,
                        "stage": "open",
                        "asked_at": clock.utc_now(),
                    }
                )
                for number, (member, kind) in enumerate(members)
            ]
        )

    return put


async def answered(database: Database) -> list[str]:
    return [one["aggregate"] for one in await database[HANDOFFS].find({"name": "privacy.answer"})]


async def test_one_that_breaks_stops_no_other(database: Database, cases: Any) -> None:
    await cases(("broken", "export"), ("ada", "erasure"))
    await PrivacyWorker(database, Holding(), ["x" * 44]).look()
    assert await answered(database) == ["case-001"]


async def test_many_that_wait_hold_nobody_up(database: Database, cases: Any) -> None:
    await cases(*[("waiting", "erasure")] * MANY, ("ada", "erasure"))
    worker = PrivacyWorker(database, Holding(), [])
    await worker.look()
    assert await answered(database) == [f"case-{MANY:03}"]
    assert await worker.progress() == {"open": MANY + 1}


async def test_a_large_portion_is_more_than_one_chunk(database: Database, cases: Any) -> None:
    await cases(("ada", "export"))
    await PrivacyWorker(database, Holding(), ["x" * 44]).look()
    sent = await database[HANDOFFS].find({"name": "privacy.send"}, sort=[("body.number", 1)])
    assert [one["body"]["number"] for one in sent] == [0, 1, 2]
    assert all(len(one["body"]["sealed"]) < 240_000 for one in sent)
    [answer] = await database[HANDOFFS].find({"name": "privacy.answer"})
    assert answer["body"]["chunks"] == 3
