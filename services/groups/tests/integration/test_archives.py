"""How long what was gathered for an archive is kept: as long as the archive is offered, however long it took."""

from datetime import timedelta

from chassis.clock import utc_now
from chassis.mongo import Database, Document, connect
from groups_service.store import schema
from groups_service.store.privacy import DueErasures
from groups_service.views.privacy import CHUNKS, OFFERED, REQUESTS, chunk_id

LONG_AGO = utc_now() - 3 * OFFERED


def request(id_: str, status: str, days: float) -> Document:
    """An export that was asked for long ago, and changed last so many days ago."""
    times = {"asked_at": LONG_AGO, "updated_at": utc_now() - timedelta(days=days), "due_at": None}
    return {"_id": id_, "v": 1, "member_id": "ada", "kind": "export", "status": status, **times}


async def kept(database: Database) -> set[str]:
    return {one["_id"].partition(":")[0] for one in await database[CHUNKS].find({})}


async def test_an_archive_is_there_for_seven_days_from_when_it_was_whole(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    requests = {"waits": ("asked", 20), "whole": ("done", 6.9), "over": ("done", 7.1)}
    await database[REQUESTS].insert_many([request(id_, *how) for id_, how in requests.items()])
    chunks = [chunk_id(id_, "events", attempt, 0) for id_ in (*requests, "unknown") for attempt in ("died", "whole")]
    await database[CHUNKS].insert_many([{"_id": id_, "v": 1, "sealed": "x", "at": LONG_AGO} for id_ in chunks])
    fresh = chunk_id("unheard", "events", "whole", 0)
    await database[CHUNKS].insert_one({"_id": fresh, "v": 1, "sealed": "x", "at": utc_now()})
    await DueErasures(database).hand_over()
    assert await kept(database) == {"waits", "whole", "unheard"}
    assert await database[CHUNKS].count({}) == 5
    await DueErasures(database).hand_over()
    assert await kept(database) == {"waits", "whole", "unheard"}
    database.close()
