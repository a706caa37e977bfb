"""What `setup` mends in databases of an earlier release."""

from datetime import UTC, datetime

import pytest

from chassis import finding
from chassis.mongo import connect
from groups_service.store import schema
from groups_service.store.invitation import invitation_of

NOW = datetime(2026, 11, 20, 20, tzinfo=UTC)


async def test_invitations_of_before_are_for_one_person(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    old = {"v": 1, "group_id": "g", "member_id": "ada", "by": "olga", "created_at": NOW, "expires_at": NOW}
    for id_, accepted in (("waits", False), ("used", True)):
        await database["invitations"].insert_one({"_id": id_, **old, "accepted": accepted})
    await schema.prepare(database)
    found = {one["_id"]: invitation_of(one) for one in await database["invitations"].find({})}
    database.close()
    waits, used = found["waits"], found["used"]
    assert waits is not None
    assert used is not None
    assert (waits.uses, waits.used_by, waits.revoked) == (1, (), False)
    assert (used.uses, used.used_by, used.revoked) == (1, ("ada",), False)


async def test_groups_of_before_are_found_by_their_names_and_by_all_their_topics(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PAGE", 2)
    database = connect(mongo_url)
    await schema.prepare(database)
    groups = database["groups"]
    old = {"name": "Zoo", "city": "Zagreb", "topics": ["C", "C++"], "description": "a b", "version": 3}
    for number in range(5):
        earlier = {"topic_keys": ["c", "c"], "words": ["a", "b"]}
        await groups.insert_one({"_id": f"g{number}", "urlname": f"zoo{number}", **old, **earlier})
    await groups.insert_one({"_id": "new", "urlname": "new", **old, "words": [], "finding": finding.FORM})
    await schema.prepare(database)
    found = {one["_id"]: (one["words"], one.get("topic_keys")) for one in await groups.find({})}
    database.close()
    anew = (["zoo", "zagreb", "c", "a", "b"], ["c", "c++"])
    assert found == {**{f"g{number}": anew for number in range(5)}, "new": ([], None)}
