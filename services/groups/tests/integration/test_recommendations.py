"""Recommended groups over HTTP, and what the database does for them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from chassis.mongo import Database, connect
from groups_service.domain.group import Details, Group
from groups_service.domain.member import Member, Profile
from groups_service.domain.membership import Membership
from groups_service.store import schema
from groups_service.store.group import document_of as group_document
from groups_service.store.growth import person_row
from groups_service.store.member import document_of as member_document
from groups_service.store.membership import document_of as membership_document
from groups_service.views import recommendation as views
from testkit.calling import Person

from .conftest import Service, founded

PATH = "/members/me/recommended-groups"
NOWHERE = {"lat": -50.0, "lon": -110.0}
NOW = datetime(2026, 11, 24, tzinfo=UTC)
PROFILE = {"name": "Ada", "timezone": "UTC"}


@dataclass
class Field:
    """Groups of a test's own, by what it calls them; somebody new founds each, unless it is said who."""

    service: Service
    organizer: Person | None = None
    ids: dict[str, str] = field(default_factory=dict)

    async def group(self, name: str, **differently: object) -> str:
        """Its path. Far from everything, about something of its own, unless said otherwise."""
        alone = {"topics": [f"t{token_hex(4)}"], **NOWHERE, "name": name, **differently}
        path = await founded(self.organizer or self.service.person("olga"), **alone)
        self.ids[path.rpartition("/")[2]] = name
        return path

    async def proposed(self, who: Person) -> dict[str, list[str]]:
        """Those of this test, in order, each with the reasons."""
        answer = await who("GET", f"{PATH}?limit=100")
        assert answer.status_code == 200, answer.text
        mine = [group for group in answer.json()["items"] if group["group_id"] in self.ids]
        return {self.ids[group["group_id"]]: group["because"] for group in mine}


@asynccontextmanager
async def pretending(service: Service, path: str, **values: object) -> AsyncIterator[None]:
    """The group's document says so for a while; it is put back, for whoever proves the books."""
    id_, groups = {"_id": path.rpartition("/")[2]}, service.database["groups"]
    before = await groups.find_one(id_)
    assert before is not None
    await groups.update_one(id_, {"$set": values})
    try:
        yield
    finally:
        await groups.update_one(id_, {"$set": {name: before[name] for name in values}})


async def goes(service: Service, who: Person, path: str) -> None:
    """Somebody said yes to an event of the group."""
    row = person_row(path.rpartition("/")[2], str(who.id), "2026-11-20", None)
    await service.database["activity_people"].insert_one(row)


async def test_topics_place_and_people_each_bring_groups_and_are_said(service: Service) -> None:
    field_, topic = Field(service), f"knitting {token_hex(4)}"
    ada, bo, cy = (service.person(name) for name in ("ada", "bo", "cy"))
    spot = {"lat": 10.0, "lon": -150.0}
    await field_.group("topic", topics=[topic.upper()])
    await field_.group("near", lat=10.1, lon=-150.0)
    await field_.group("both", topics=[topic], **spot)
    shared = await field_.group("shared")
    theirs = await field_.group("theirs")
    for who, path in ((ada, shared), (bo, shared), (cy, shared), (bo, theirs)):
        await who("PUT", f"{path}/membership")
    await goes(service, cy, await field_.group("goes"))
    await ada("PUT", "/members/me", {**PROFILE, "topics": [topic], **spot})
    found = await field_.proposed(ada)
    assert found["both"] == ["topic", "near"]
    assert found["topic"] == ["topic"]
    assert found["near"] == ["near"]
    assert found["theirs"] == found["goes"] == ["people"]
    assert next(iter(found)) == "both"
    assert "shared" not in found
    near = next(one for one in (await ada("GET", PATH)).json()["items"] if field_.ids.get(one["group_id"]) == "near")
    assert near["distance_km"] == 11.132


async def test_only_groups_that_would_take_the_caller_in(service: Service) -> None:
    field_, topic = Field(service), f"t{token_hex(4)}"
    olga, ada, eve, ben = (service.person(name) for name in ("olga", "ada", "eve", "ben"))
    about = {"topics": [topic]}
    await field_.group("good", **about)
    await replace(field_, organizer=eve).group("of who blocks her", **about)
    await replace(field_, organizer=ben).group("of whom she blocks", **about)
    field_.organizer = olga
    await field_.group("private", visibility="private", **about)
    await field_.group("by invitation", join_mode="closed", **about)
    closed = await field_.group("closed", **about)
    frozen = await field_.group("frozen", **about)
    paths = {name: await field_.group(name, **about) for name in ("in", "banned", "removed", "left")}
    paths["asked"] = await field_.group("asked", join_mode="approval", **about)
    await ada("PUT", "/members/me", {**PROFILE, **about})
    for path in paths.values():
        assert (await ada("PUT", f"{path}/membership")).status_code in {200, 201}
    await olga("POST", f"{paths['banned']}/members/{ada.id}/ban")
    await olga("POST", f"{paths['removed']}/members/{ada.id}/remove")
    await ada("DELETE", f"{paths['left']}/membership")
    assert (await olga("POST", f"{closed}/close")).status_code == 200
    for who, whom in ((eve, ada), (ada, ben)):
        assert (await who("PUT", f"/members/{whom.id}/block")).status_code < 300
    async with pretending(service, frozen, status="frozen"):
        assert await field_.proposed(ada) == {"good": ["topic"]}


async def test_who_says_nothing_of_themselves_hears_of_large_groups(service: Service) -> None:
    field_ = Field(service)
    large = await field_.group("large")
    async with pretending(service, large, member_count=10**9):
        assert (await field_.proposed(service.person("new")))["large"] == ["popular"]
    assert (await service.person(None)("GET", PATH)).status_code == 401
    assert len((await service.person("new")("GET", f"{PATH}?limit=1")).json()["items"]) == 1
    assert (await service.person("new")("GET", f"{PATH}?limit=101")).status_code == 422


async def test_whom_one_blocks_and_who_shows_nobody_where_they_go_say_nothing(service: Service) -> None:
    field_ = Field(service)
    ada, bo, cy = (service.person(name) for name in ("ada", "bo", "cy"))
    shared, bos = await field_.group("shared"), await field_.group("of the blocked")
    cys = await field_.group("of the silent")
    for who, path in ((ada, shared), (bo, shared), (cy, shared), (bo, bos)):
        await who("PUT", f"{path}/membership")
    await goes(service, cy, cys)
    theirs = ("of the blocked", "of the silent")
    found = await field_.proposed(ada)
    assert [found[name] for name in theirs] == [["people"]] * 2
    await cy("PUT", "/members/me", {**PROFILE, "attendance": "nobody"})
    await ada("PUT", f"/members/{bo.id}/block")
    found = await field_.proposed(ada)
    assert [found.get(name, ["popular"]) for name in theirs] == [["popular"]] * 2


class Asked(CommandListener):
    """What is asked of the database."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in {"find", "aggregate"}:
            plain = ("find", "aggregate", "filter", "sort", "limit", "projection", "pipeline", "cursor")
            self.commands.append({name: value for name, value in event.command.items() if name in plain})

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


def numbers(plan: object, name: str) -> list[int]:
    """Every figure of this name in an explained plan."""
    if isinstance(plan, Mapping):
        own = [plan[name]] if isinstance(plan.get(name), int) else []
        return own + [number for value in plan.values() for number in numbers(value, name)]
    return [number for part in plan for number in numbers(part, name)] if isinstance(plan, list) else []


async def crowded(database: Database, topics: tuple[str, ...]) -> None:
    """2,000 groups about the same at the same place; all 7,000 people are in the first, and each in another."""
    details = Details("g", "G", "City", "US", 20.0, 20.0, "UTC", topics=topics)
    groups = [
        Group(str(number), number, replace(details, urlname=f"g{number}"), "olga", NOW, NOW, member_count=number)
        for number in range(2000)
    ]
    await database["groups"].insert_many([group_document(group) for group in groups])
    pairs = [(place, f"m{number:04}") for number in range(7000) for place in ("0", str(1 + number % 1999))]
    rows = [Membership(*pair, state="active", version=1, created_at=NOW, updated_at=NOW) for pair in pairs]
    await database["memberships"].insert_many([membership_document(row) for row in rows])
    await database["activity_people"].insert_many([person_row(*pair, "2026-11-20", None) for pair in pairs])
    profile = Profile("Ada", lat=20.0, lon=20.0, topics=topics)
    await database["members"].insert_one(member_document(Member("m3500x", 1, NOW, NOW, profile)))
    await database["memberships"].insert_one(membership_document(Membership("0", "m3500x", state="active")))


async def test_every_question_is_answered_by_an_index_and_reads_little(mongo_url: str) -> None:
    """Also for somebody in the middle of a group of 7,000, among 2,000 groups that all would do."""
    asked = Asked()
    database, watched = connect(mongo_url), connect(mongo_url, listeners=[asked])
    try:
        await schema.prepare(database)
        await crowded(database, ("one thing", "another thing"))
        found = await views.recommended(watched, "m3500x", limit=20)
        plans = [
            await database.command({"explain": command, "verbosity": "executionStats"}) for command in asked.commands
        ]
    finally:
        watched.close()
        database.close()
    assert len(found) == 20
    assert all({"topic", "near"} <= set(group["because"]) for group in found)
    assert any("people" in group["because"] for group in found)
    assert "0" not in {group["group_id"] for group in found}
    assert len(plans) >= 10
    for command, plan in zip(asked.commands, plans, strict=True):
        assert "COLLSCAN" not in str(plan), command
        assert sum(numbers(plan, "collectionScans")) == 0, command
        assert sum(numbers(plan, "totalDocsExamined")) <= 2 * views.FOUND, command
