"""Which calls of a member who is leaving undo it: those with a token that is younger than the one that asked."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis import privacy, telemetry
from chassis.auth import Caller
from chassis.journal import HANDOFFS
from chassis.mongo import Database
from chassis.privacy import Leaving
from chassis.privacy.case import CASES, RETURN
from testkit import eventually

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
ASKED = datetime(2026, 11, 26, 12, tzinfo=UTC)
BEFORE, AHEAD, AFTER = (ASKED + timedelta(minutes=minutes) for minutes in (-1, 2, 3))


def caller(member_id: str, issued_at: datetime | None) -> Caller:
    return Caller(member_id, frozenset(), None if issued_at is None else issued_at.timestamp())


@pytest.fixture
async def leaving(database: Database) -> Leaving:
    """Which knows that everybody asked at noon, some with a token whose issuer's clock is two minutes ahead."""
    await privacy.prepare(database)
    for member in ("ada", "bo", "cy", "di", "eve"):
        case = {"_id": f"case-{member}", "v": 1, "request_id": member, "member_id": member, "kind": "erasure"}
        asked = {"asked_at": ASKED, "issued_at": AHEAD.timestamp(), "created_at": ASKED}
        if member == "cy":  # one that was taken down before cases said when, and with what
            asked = {"created_at": ASKED}
        await database[CASES].insert_one({**case, **asked, "stage": "announced", "updated_at": ASKED})
    found = Leaving(database)
    await found.look()
    return found


async def returned(database: Database) -> set[str]:
    return {handoff["actor"] for handoff in await database[HANDOFFS].find({"name": RETURN})}


async def test_only_who_has_signed_in_since_comes_back(leaving: Leaving, database: Database) -> None:
    for member, issued_at in (("ada", AHEAD), ("cy", BEFORE), ("di", None), ("eve", AFTER)):
        leaving.seen(caller(member, issued_at), "GET", "/v1/members/me/erasure")
        if member != "eve":
            leaving.seen(caller(member, issued_at), "GET", "/v1/members/me")
    leaving.seen(caller("eve", AFTER), "DELETE", "/v1/members/me")
    with telemetry.span("a call", TRACE):
        leaving.seen(caller("bo", AFTER), "GET", "/v1/members/me")

    async def one() -> bool:
        return "bo" in await returned(database)

    await eventually(one, within=30)
    assert await returned(database) == {"bo"}
    assert {handoff["trace"] for handoff in await database[HANDOFFS].find({"name": RETURN})} == {TRACE}
    for member in ("cy", "di"):
        leaving.seen(caller(member, AFTER), "PUT", "/v1/events/e/rsvp")

    async def three() -> bool:
        return await returned(database) == {"bo", "di", "cy"}

    await eventually(three, within=30)
    await leaving.stop()


async def test_who_signs_in_after_they_were_forgotten_has_come_back(database: Database) -> None:
    await privacy.prepare(database)
    cases = [
        ("ada", "first", "answered", BEFORE),
        ("ada", "last", "open", ASKED),
        ("bo", "of bo", "answered", ASKED),
        ("cy", "of cy", "announced", ASKED),
        ("di", "of di", "answered", ASKED),
    ]
    for member, request, stage, at in cases:
        case = {"_id": f"case-{request}", "v": 1, "request_id": request, "member_id": member, "kind": "erasure"}
        times = {"asked_at": at, "issued_at": at.timestamp(), "created_at": at, "updated_at": at}
        await database[CASES].insert_one({**case, **times, "stage": stage})
    await database[CASES].update_one({"member_id": "di"}, {"$set": {"kind": "export"}})
    tokens = {"ada": AFTER, "bo": ASKED, "cy": AFTER, "di": AFTER, "eve": AFTER}
    callers = [caller(member, at) for member, at in tokens.items()]
    assert await privacy.returned(callers, database) == {"ada": "last"}
    assert await privacy.returned([caller("ada", ASKED)], database) == {"ada": "first"}
    assert await privacy.returned([caller("bo", None)], database) == {}
