"""A process dies again and again while copies of a network event are made, or follow it: each is made once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from httpx2 import AsyncClient, HTTPError

from chassis import journal
from chassis.crash import EXIT_CODE
from chassis.mongo import Database, connect
from contracts.events import NetworkEventMade
from contracts.groups import GroupState
from convene.parts.ports import free_port
from events_service.store import schema
from events_service.store.network import NETWORKS
from events_service.store.projection import GROUPS, group_document
from testkit import MongoServer, eventually
from testkit.issuer import ISSUER
from testkit.running import is_ready, program

from .running import Person, Service
from .test_network_events import template

CHAPTERS = 130
ZONES = ("Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata", "America/St_Johns", "Africa/Lagos")
DIES_WHILE_MADE = ("journal.after-commit:2", "journal.before-commit", "journal.after-commit", "journal.before-commit")
DIES_WHILE_FOLLOWING = ("journal.after-commit:2", "journal.before-commit:2")


async def founded(database: Database, organizer: str, admin: str) -> None:
    """The projections that the consumer would have written."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(CHAPTERS):
        group = GroupState(
            group_id=f"g{n:03}",
            number=n + 1,
            urlname=f"g{n:03}",
            name="Bakers",
            city="Here",
            country="US",
            lat=0,
            lon=0,
            timezone=ZONES[n % len(ZONES)],
            visibility="public",
            join_mode="open",
            organizer_id=organizer,
            network_id="n",
            version=1,
            created_at=now,
            updated_at=now,
        )
        await database[GROUPS].insert_one(group_document(group))
    await database[NETWORKS].insert_one({"_id": "n", "v": 1, "name": "N", "admins": [admin]})


@asynccontextmanager
async def api(url: str, keys: str, dies_at: str = "") -> AsyncIterator[tuple[asyncio.subprocess.Process, AsyncClient]]:
    """The api role as a process that dies at this place, ready."""
    port = free_port()
    environment = {"MONGO_URL": url, "OIDC_ISSUER": ISSUER, "OIDC_JWKS_URL": keys, "HTTP_PORT": str(port)}
    armed = {"CONVENE_CRASH_AT": dies_at} if dies_at else {}
    async with (
        program("events_service", "api", **environment, **armed) as process,
        AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        await eventually(lambda: _ready_or_dead(process, client), within=60)
        yield process, client


async def _ready_or_dead(process: asyncio.subprocess.Process, client: AsyncClient) -> bool:
    return process.returncode is not None or await is_ready(client)


async def _until_it_dies(process: asyncio.subprocess.Process) -> int:
    await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0


async def _said(person: Person, method: str, path: str, body: Any, **headers: str) -> Any:
    """The answer, or None of who died before it came."""
    try:
        return await person(method, path, body, **headers)
    except HTTPError:
        return None


async def test_each_copy_is_made_once_and_follows_whoever_dies_in_between(
    service: Service, mongo_server: MongoServer
) -> None:
    keys = service.settings.oidc_jwks_url or ""
    olga, ada = service.person("olga"), service.person("ada")
    async with mongo_server.database() as url:
        database = connect(url)
        await journal.prepare(database)
        await schema.prepare(database)
        await founded(database, olga.id or "", ada.id or "")
        deaths = []
        for place in DIES_WHILE_MADE:
            async with api(url, keys, place) as (process, client):
                if await database["network_events"].count({}) == 0:
                    await _said(Person(client, ada.id), "POST", "/networks/n/events", template(), idempotency_key="k")
                deaths.append(await _until_it_dies(process))
        assert deaths == [EXIT_CODE] * len(DIES_WHILE_MADE)
        assert await database["events"].count({}) < CHAPTERS, "nobody died while copies were made"
        async with api(url, keys) as (process, client):
            again = await Person(client, ada.id)("POST", "/networks/n/events", template(), idempotency_key="k")
            assert again.status_code == 201, again.text
            found = again.json()
            await eventually(lambda: _count(database, {}), within=60)
            own = await database["events"].find_one({"group_id": "g007"})
            assert own is not None
            path = f"/events/{own['_id']}"
            done = await Person(client, olga.id)("PATCH", path, {"capacity": 7}, if_match='"1"')
            assert done.status_code == 200, done.text
        path = f"/network-events/{found['network_event_id']}"
        change = {"title": "Buns", "capacity": 50}
        for place in DIES_WHILE_FOLLOWING:
            async with api(url, keys, place) as (process, client):
                await _said(Person(client, ada.id), "PATCH", path, change, if_match='"1"')
                assert await _until_it_dies(process) == EXIT_CODE
        async with api(url, keys):
            await eventually(lambda: _count(database, {"title": "Buns", "origin.version": 2}), within=60)
        events = await database["events"].find({})
        said = await database["journal"].find({"entries.messages.topic": NetworkEventMade.topic})
        database.close()
    assert sorted(one["group_id"] for one in events) == [f"g{n:03}" for n in range(CHAPTERS)]
    for one in events:
        local = one["starts"].astimezone(ZoneInfo(one["timezone"]))
        assert local.replace(tzinfo=None).isoformat() == found["starts_at"]
        assert one["capacity"] == (7 if one["group_id"] == "g007" else 50)
    subjects = [
        message["subject"]
        for batch in said
        for entry in batch["entries"]
        for message in entry["messages"]
        if message["topic"] == NetworkEventMade.topic
    ]
    assert sorted(subjects) == sorted(one["_id"] for one in events)


async def _count(database: Database, where: dict[str, Any]) -> bool:
    return await database["events"].count(where) == CHAPTERS
