"""What is overdue is found in portions, however much of it there is, and each of it once."""

from collections.abc import AsyncIterator, Callable

import pytest

from chassis.mongo import Database, connect
from events_service.store import schema
from events_service.store.person import arrived_unheard
from events_service.store.sight import groups_still_shown, members_still_shown

PORTION = 200
IDS = [f"i{n:04}" for n in range(2 * PORTION + 7)]


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[Database]:
    """Everybody hides, every group is private, and of all of them RSVPs are shown; each member's number is known, and
    what they did still waits for it. Of what is between the rows nothing is overdue."""
    found = connect(mongo_url)
    await schema.prepare(found)
    everybody = [{"_id": id_, "attendance": "nobody", "number": n} for n, id_ in enumerate(IDS)]
    await found["members"].insert_many([*everybody, {"_id": "i0000open", "attendance": "everyone", "number": 9999}])
    waiting = [{"_id": id_, "seen": True, "waiting": ["e"]} for id_ in (*IDS, "i0001unknown")]
    await found["visitors"].insert_many([*waiting, {"_id": "i0000open", "seen": True, "waiting": []}])
    groups = [{"_id": id_, "visibility": "private"} for id_ in (*IDS, "i0001empty")]
    await found["groups"].insert_many([*groups, {"_id": "i0000open", "visibility": "public"}])
    await found["events"].insert_many([{"_id": f"e-{id_}", "group_id": id_} for id_ in (*IDS, "i0000open")])
    rsvps = [_rsvp(f"e-{id_}", id_) for id_ in (*IDS, "i0000open")]
    await found["rsvps"].insert_many(rsvps)
    yield found
    found.close()


def _rsvp(event_id: str, member_id: str, shown: str | None = "yes") -> dict[str, str | None]:
    return {"_id": f"{event_id}:{member_id}", "event_id": event_id, "member_id": member_id, "shown": shown}


@pytest.mark.parametrize("search", [arrived_unheard, members_still_shown, groups_still_shown])
async def test_every_row_is_met_once_and_few_at_a_time(
    database: Database, search: Callable[[Database], AsyncIterator[list[str]]]
) -> None:
    portions = [portion async for portion in search(database)]
    assert max(map(len, portions)) <= PORTION
    assert sorted(id_ for portion in portions for id_ in portion) == IDS


async def test_of_a_group_with_many_events_the_last_one_counts_too(database: Database) -> None:
    await database["groups"].insert_one({"_id": "many", "visibility": "private"})
    await database["events"].insert_many([{"_id": f"m{id_}", "group_id": "many"} for id_ in IDS])
    await database["rsvps"].insert_many([_rsvp(f"m{id_}", "ada", "yes" if id_ == IDS[-1] else None) for id_ in IDS])
    assert "many" in [id_ async for portion in groups_still_shown(database) for id_ in portion]
    await database["rsvps"].update_one({"_id": f"m{IDS[-1]}:ada"}, {"$set": {"shown": None}})
    assert "many" not in [id_ async for portion in groups_still_shown(database) for id_ in portion]
