"""How long the pulse of a network takes to be read, by how many chapters it has, and that of a group with many days.

The chapters beyond the first are copies of it, written past the journal and the topics, and taken away afterwards: what
is read is what counters came to, wherever they came from.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from secrets import token_hex

from chassis.mongo import Database, Document
from convene.acting.platform import Person
from convene.bench.ground import Ground
from convene.bench.measuring import Bench, Variant
from convene.growing.pace import milliseconds, share
from convene.load.wire import Connection, get
from convene.operating.access import access
from convene.parts.trouble import Unavailable

NAME = "pulse"
TITLE = "Pulses, read"
DAYS = 365
GROUP = {
    "name": "Read Often",
    "city": "Leipzig",
    "country": "DE",
    "lat": 51.34,
    "lon": 12.37,
    "timezone": "Europe/Berlin",
    "visibility": "public",
    "join_mode": "open",
}


@dataclass(slots=True)
class Filled:
    """A database of groups, and what was put there past its journal."""

    database: Database
    _put: list[tuple[str, list[str]]] = field(default_factory=list)

    async def put(self, collection: str, documents: list[Document]) -> None:
        self._put.append((collection, [one["_id"] for one in documents]))
        await self.database[collection].insert_many(documents)

    async def emptied(self) -> None:
        for collection, ids in self._put:
            await self.database[collection].delete_many({"_id": {"$in": ids}})


@asynccontextmanager
async def measured(bench: Bench, ground: Ground) -> AsyncIterator[list[Variant]]:
    reader = ground.platform.person(f"reader-{token_hex(4)}")
    async with access(ground.local, "groups").database() as database:
        filled = Filled(database)
        try:
            networks = [(size, await _network(reader, filled, size)) for size in bench.sizes.chapters]
            yield [
                *(_reading(bench, reader, f"{size:,} chapters", path) for size, path in networks),
                _reading(bench, reader, f"one group, {DAYS} days", await _group(reader, filled)),
            ]
        finally:
            await filled.emptied()


def _reading(bench: Bench, reader: Person, what: str, path: str) -> Variant:
    async def pulse() -> None:
        connection = Connection(reader.platform.addresses["groups"])
        request = get(f"{path}/pulse", reader.token)
        took = [await milliseconds(connection, request) for _ in range(bench.sizes.reads)]
        connection.close()
        for part in (0.5, 0.99):
            bench.figures.add(NAME, f"{what}: p{part * 100:.0f} of the answer", share(took, part), "ms")

    return pulse


async def _network(reader: Person, filled: Filled, size: int) -> str:
    """Its path. Raises Unavailable unless its pulse counts all of its chapters."""
    network = (await reader.post("groups", "/v1/networks", {"name": f"{size} chapters"}))["network_id"]
    group_id = (await reader.post("groups", "/v1/groups", GROUP))["group_id"]
    await reader.put("groups", f"/v1/networks/{network}/chapters/{group_id}")
    one = await filled.database["groups"].find_one({"_id": group_id})
    if one is None:
        raise Unavailable(f"Not a figure: the group {group_id} is not in the database.")
    ids = [f"{group_id}-{number:05}" for number in range(1, size)]
    await filled.put("groups", [{**one, "_id": id_} for id_ in ids])
    counted = {"v": 1, "events": 3, "announced_at": one["created_at"], "scheduled_until": one["created_at"]}
    await filled.put("activity", [{"_id": id_, **counted} for id_ in ids])
    await filled.put("activity_rsvps", [{"_id": id_, "v": 1, "yes": 5} for id_ in ids])
    path = f"/v1/networks/{network}"
    found = (await reader.get("groups", f"{path}/pulse"))["total"]
    if (found["chapters"], found["rsvps"]) != (size, 5 * (size - 1)):
        raise Unavailable(f"Not a figure: the pulse of {size} chapters says {found}.")
    return path


async def _group(reader: Person, filled: Filled) -> str:
    """Its path. Raises Unavailable unless its pulse shows all of its days."""
    made = await reader.post("groups", "/v1/groups", GROUP)
    group_id, today = made["group_id"], date.fromisoformat(made["created_at"][:10])
    days = [(today - timedelta(days=number)).isoformat() for number in range(1, DAYS)]
    rows = [{"_id": f"{group_id}:{day}", "v": 1, "group_id": group_id, "day": day} for day in days]
    await filled.put("group_days", [{**row, "members": 7_000, "joined": 3, "left": 1} for row in rows])
    acted = {"people": 40, "first_timers": 2, "returners": 60}
    await filled.put("activity_days", [{**row, **acted} for row in rows])
    path = f"/v1/groups/{group_id}"
    shown = len((await reader.get("groups", f"{path}/pulse"))["days"])
    if shown != DAYS:
        raise Unavailable(f"Not a figure: the pulse of a group with {DAYS} days shows {shown} of them.")
    return path
