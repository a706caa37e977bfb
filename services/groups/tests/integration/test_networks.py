"""Networks over HTTP: chapters come and go by two yeses, and their figures add up."""

import asyncio
from datetime import timedelta
from secrets import token_hex
from typing import Any

import structlog

from chassis import clock
from contracts.events import AttendanceChanged, EventState, RsvpChanged
from contracts.examples import examples
from contracts.groups import GroupState, NetworkState
from testkit import eventually
from testkit.calling import Person

from .conftest import Service, founded, reason

DAY = timedelta(days=1)

log = structlog.get_logger(__name__)


async def networked(admin: Person, **differently: object) -> str:
    """The path of a new network of the admin's."""
    made = await admin("POST", "/networks", {"name": "Python in 130 cities", **differently})
    assert made.status_code == 201, made.text
    path = f"/networks/{made.json()['network_id']}"
    assert made.headers["location"] == f"/v1{path}"
    return path


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


async def state(who: Person, method: str, network: str, group: str, act: str = "") -> str:
    """What the group is to the network after this, or why that was refused."""
    answer = await who(method, f"{network}/chapters/{id_of(group)}{act}")
    return str(answer.json()["state"]) if answer.status_code == 200 else reason(answer)


async def listed(who: Person, network: str, of: str = "chapter") -> list[str]:
    return [one["group_id"] for one in (await who("GET", f"{network}/chapters?state={of}")).json()["items"]]


async def test_a_network_is_created_read_and_changed_by_its_admins(service: Service) -> None:
    ada, bo, eve = (service.person(name) for name in ("ada", "bo", "eve"))
    path = await networked(ada, reason="sponsored", dormant_after=30)
    read = await eve("GET", path)
    assert (read.json()["admins"], read.json()["reason"], read.json()["dormant_after"]) == ([ada.id], "sponsored", 30)
    etag = read.headers["etag"]
    assert (await service.person(None)("GET", path)).status_code == 401
    assert (await ada("PATCH", path, {"name": "N"})).status_code == 428
    assert reason(await eve("PATCH", path, {"name": "N"}, if_match=etag)) == "not-an-admin"
    assert reason(await ada("PATCH", path, {"admins": [ada.id, bo.id]}, if_match=etag)) == "member-not-found"
    await bo("GET", "/members/me")
    changed = await ada("PATCH", path, {"admins": [ada.id, bo.id]}, if_match=etag)
    assert (changed.status_code, changed.json()["admins"], changed.json()["version"]) == (200, [ada.id, bo.id], 2)
    assert reason(await bo("PATCH", path, {"name": "N"}, if_match=etag)) == "stale-version"
    assert (await bo("PATCH", path, {"admins": []}, if_match='"2"')).status_code == 422
    alone = await bo("PATCH", path, {"admins": [bo.id]}, if_match='"2"')
    assert alone.json()["admins"] == [bo.id]
    assert reason(await ada("PATCH", path, {"name": "N"}, if_match='"3"')) == "not-an-admin"

    async def told() -> bool:
        found = await service.messages("groups.network.v1", lambda head: head["ce_subject"] == id_of(path))
        admins = [NetworkState.model_validate_json(value).admins for _, value in found]
        return admins == [[ada.id], [ada.id, bo.id], [bo.id]]

    await eventually(told, within=20)


async def test_a_group_is_invited_and_its_leader_accepts(service: Service) -> None:
    ada, olga, eve = (service.person(name) for name in ("ada", "olga", "eve"))
    network, group = await networked(ada), await founded(olga)
    assert await state(eve, "PUT", network, group) == "not-allowed"
    assert await state(olga, "POST", network, group, "/accept") == "not-invited"
    assert await state(ada, "PUT", network, group) == "invited"
    assert await state(ada, "PUT", network, group) == "invited"
    assert await state(ada, "POST", network, group, "/accept") == "not-asked"
    assert (await listed(ada, network, "invited"), await listed(ada, network)) == ([id_of(group)], [])
    assert reason(await eve("GET", f"{network}/chapters?state=invited")) == "not-an-admin"
    before = (await olga("GET", group)).headers["etag"]
    accepted = await olga("POST", f"{network}/chapters/{id_of(group)}/accept")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "chapter")
    assert f"groups.group.v1:{id_of(group)}@" in accepted.headers["x-convene-position"]
    assert await state(olga, "POST", network, group, "/accept") == "chapter"
    read = await olga("GET", group)
    assert read.json()["network_id"] == id_of(network)
    assert read.headers["etag"] != before
    assert (await listed(ada, network, "invited"), await listed(eve, network)) == ([], [id_of(group)])

    async def told() -> bool:
        found = await service.messages("groups.group.v1", lambda head: head["ce_subject"] == id_of(group))
        return [GroupState.model_validate_json(value).network_id for _, value in found] == [None, id_of(network)]

    await eventually(told, within=20)


async def test_a_group_asks_and_an_admin_accepts(service: Service) -> None:
    ada, olga = service.person("ada"), service.person("olga")
    network, group = await networked(ada), await founded(olga)
    assert await state(olga, "PUT", network, group) == "asked"
    assert await state(olga, "PUT", network, group) == "asked"
    assert await listed(ada, network, "asked") == [id_of(group)]
    assert await state(olga, "POST", network, group, "/accept") == "not-invited"
    assert await state(ada, "POST", network, group, "/accept") == "chapter"
    assert await state(ada, "POST", network, group, "/accept") == "chapter"
    assert (await olga("GET", group)).json()["network_id"] == id_of(network)
    assert (await listed(ada, network, "asked"), await listed(ada, network)) == ([], [id_of(group)])


async def test_each_others_wish_is_met_by_the_same_wish(service: Service) -> None:
    ada, olga = service.person("ada"), service.person("olga")
    network, asks, invited, own = await networked(ada), await founded(olga), await founded(olga), await founded(ada)
    assert await state(olga, "PUT", network, asks) == "asked"
    assert await state(ada, "PUT", network, asks) == "chapter"
    assert await state(ada, "PUT", network, invited) == "invited"
    assert await state(olga, "PUT", network, invited) == "chapter"
    assert await state(ada, "PUT", network, own) == "chapter"


async def test_a_repeated_request_has_the_first_ones_answer_and_no_effect(service: Service) -> None:
    ada, olga = service.person("ada"), service.person("olga")
    network, group = await networked(ada), await founded(olga)
    path = f"{network}/chapters/{id_of(group)}"
    await olga("PUT", path)
    first = await ada("PUT", path, idempotency_key="in")
    assert first.json()["state"] == "chapter"
    assert (await ada("DELETE", path)).json()["state"] == "none"
    again = await ada("PUT", path, idempotency_key="in")
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await olga("GET", group)).json()["network_id"] is None


async def test_a_chapter_leaves_when_it_wants_and_is_put_out_when_it_must(service: Service) -> None:
    ada, olga, eve = (service.person(name) for name in ("ada", "olga", "eve"))
    network, group = await networked(ada), await founded(olga)
    for who in (olga, ada):
        await state(ada, "PUT", network, group)
        assert await state(olga, "POST", network, group, "/accept") == "chapter"
        assert await state(eve, "DELETE", network, group) == "not-allowed"
        assert await state(who, "DELETE", network, group) == "none"
        assert (await olga("GET", group)).json()["network_id"] is None
        assert await state(who, "DELETE", network, group) == "none"
        await eventually(lambda: _unwelcome(service, network, group))
        assert await state(olga, "POST", network, group, "/accept") == "not-invited"


async def _unwelcome(service: Service, network: str, group: str) -> bool:
    return await service.database["welcomes"].find_one({"_id": f"{id_of(network)}:{id_of(group)}"}) is None


async def test_invitations_are_taken_back_and_declined_and_what_was_asked_too(service: Service) -> None:
    ada, olga = service.person("ada"), service.person("olga")
    network, group = await networked(ada), await founded(olga)
    for wishes, ends, of in (
        (ada, ada, "invited"),
        (ada, olga, "invited"),
        (olga, olga, "asked"),
        (olga, ada, "asked"),
    ):
        assert await state(wishes, "PUT", network, group) == of
        assert await listed(ada, network, of) == [id_of(group)]
        assert await state(ends, "DELETE", network, group) == "none"
        await eventually(lambda: _unwelcome(service, network, group))
        assert await listed(ada, network, of) == []


async def test_a_group_is_in_one_network_at_most_however_many_want_it_at_once(service: Service) -> None:
    olga, admins = service.person("olga"), [service.person(f"admin{number}") for number in range(6)]
    group = await founded(olga)
    paths = [await networked(admin) for admin in admins]
    for admin, path in zip(admins, paths, strict=True):
        assert await state(admin, "PUT", path, group) == "invited"
    states = await asyncio.gather(*(state(olga, "POST", path, group, "/accept") for path in paths))
    assert sorted(states) == ["chapter", *["in-another-network"] * 5]
    home = paths[states.index("chapter")]
    assert [path for path in paths if await listed(olga, path)] == [home]
    assert (
        await state(admins[paths.index(home) - 1], "PUT", paths[paths.index(home) - 1], group) == "in-another-network"
    )


async def test_a_chapter_that_closes_is_none_any_more_and_closed_groups_do_not_join(service: Service) -> None:
    ada, olga = service.person("ada"), service.person("olga")
    network, group = await networked(ada), await founded(olga)
    await state(ada, "PUT", network, group)
    await state(olga, "POST", network, group, "/accept")
    closed = await olga("POST", f"{group}/close")
    assert (closed.json()["status"], closed.json()["network_id"]) == ("closed", None)
    assert await listed(ada, network) == []
    await eventually(lambda: _unwelcome(service, network, group))
    assert await state(olga, "PUT", network, group) == "group-closed"
    assert await state(ada, "PUT", network, group) == "group-closed"


async def test_private_chapters_are_for_admins_and_their_own_members(service: Service) -> None:
    ada, olga, eve = (service.person(name) for name in ("ada", "olga", "eve"))
    network = await networked(ada)
    hidden, shown = await founded(olga, visibility="private"), await founded(olga)
    for group in (hidden, shown):
        await state(olga, "PUT", network, group)
        assert await state(ada, "POST", network, group, "/accept") == "chapter"
    both = sorted(map(id_of, (hidden, shown)))
    assert [await listed(who, network) for who in (ada, olga, eve)] == [both, both, [id_of(shown)]]
    pulses = [(await who("GET", f"{network}/pulse")).json()["total"]["members"] for who in (ada, olga, eve)]
    assert pulses == [2, 2, 1]
    asks = await founded(olga, visibility="private")
    await state(olga, "PUT", network, asks)
    [item] = (await ada("GET", f"{network}/chapters?state=asked")).json()["items"]
    assert set(item) == {"group_id", "name", "visibility", "state"}


def event(group_id: str, **differently: Any) -> EventState:
    shown = next(one for one in examples() if one.name == "convene.events.event.published.v1")
    said = {**shown.value, "event_id": f"event-{token_hex(4)}", "group_id": group_id, **differently}
    return EventState.model_validate(said)


def rsvp(of: EventState, **differently: Any) -> RsvpChanged:
    shown = next(one for one in examples() if one.topic == RsvpChanged.topic)
    said = {**shown.value, "event_id": of.event_id, "group_id": of.group_id, "was": None, "seq": 1, **differently}
    return RsvpChanged.model_validate(said)


def noted(of: EventState, **differently: Any) -> AttendanceChanged:
    shown = next(one for one in examples() if one.topic == AttendanceChanged.topic)
    return AttendanceChanged.model_validate(
        {**shown.value, "event_id": of.event_id, "group_id": of.group_id, "was": None, **differently}
    )


async def test_the_figures_of_130_chapters_add_up_and_dormant_ones_are_found(service: Service) -> None:
    ada, olga, now = service.person("ada"), service.person("olga"), clock.utc_now()
    network = await networked(ada, dormant_after=90)
    groups = await asyncio.gather(*(founded(ada) for _ in range(130)))
    states = await asyncio.gather(*(state(ada, "PUT", network, group) for group in groups))
    assert set(states) == {"chapter"}
    lively, announcing, sleeping, gone = map(id_of, groups[:4])
    long_ago = {"$set": {"created_at": now - 100 * DAY}}
    await service.database["groups"].update_many({"_id": {"$in": [lively, announcing, sleeping, gone]}}, long_ago)
    assert (await olga("PUT", f"/groups/{lively}/membership")).status_code == 201
    ahead = event(lively, starts_at_utc=now + DAY, ends_at_utc=now + 2 * DAY)
    past = event(announcing, starts_at_utc=now - 9 * DAY, ends_at_utc=now - 9 * DAY, announced_at=now - 20 * DAY)
    old = event(sleeping, starts_at_utc=now - 95 * DAY, ends_at_utc=now - 95 * DAY, announced_at=now - 96 * DAY)
    off = event(gone, starts_at_utc=now + DAY, ends_at_utc=now + DAY, status="cancelled")
    for one in (ahead, past, old, off):
        await service.tell(one, source="events", subject=one.event_id)
    for sequence, (status, was) in enumerate([("yes", None), ("no", "yes"), ("yes", "no"), ("waitlist", None)], 1):
        answer = rsvp(ahead, status=status, was=was, seq=sequence)
        await service.tell(answer, source="events", subject=ahead.event_id, sequence=sequence)
    for sequence, (mark, was) in enumerate([("attended", None), ("no_show", "attended"), ("attended", "no_show")], 1):
        note = noted(past, mark=mark, was=was)
        await service.tell(note, source="events", subject=past.event_id, sequence=sequence)
    await service.tell(noted(past, mark="attended", member_id="bo"), source="events", subject=past.event_id, sequence=4)

    async def total() -> dict[str, int]:
        found: dict[str, int] = (await olga("GET", f"{network}/pulse")).json()["total"]
        return found

    figures = {"chapters": 130, "dormant": 2, "members": 131, "events": 3, "rsvps": 1, "attendance": 2}

    async def counted() -> bool:
        return await total() == figures

    await eventually(counted, within=60)
    by_id = {one["group_id"]: one for one in (await olga("GET", f"{network}/pulse")).json()["chapters"]}
    assert (len(by_id), "next_cursor" in (await olga("GET", f"{network}/pulse")).json()) == (130, False)
    assert {group_id for group_id, one in by_id.items() if one["dormant"]} == {sleeping, gone}
    assert (by_id[lively]["members"], by_id[lively]["events"], by_id[lively]["rsvps"]) == (2, 1, 1)
    assert (by_id[lively]["attendance"], by_id[announcing]["attendance"]) == (0, 2)
    first = await olga("GET", f"{network}/chapters?limit=100")
    rest = await service.client.get(
        first.links["next"]["url"], headers={"authorization": first.request.headers["authorization"]}
    )
    paged = first.json()["items"] + rest.json()["items"]
    assert {one["group_id"]: one for one in paged} == by_id
    changed = await ada("PATCH", network, {"dormant_after": 98}, if_match='"1"')
    assert (changed.status_code, (await total())["dormant"]) == (200, 1)
    await state(ada, "DELETE", network, groups[0])
    assert (await total())["members"] == 129


async def test_the_figures_of_2000_chapters_add_up(service: Service) -> None:
    """How long the answer takes is logged (`pytest -s`), and asserted by nobody."""
    ada, calls = service.person("ada"), 15
    network, group = await networked(ada), await founded(ada)
    assert await state(ada, "PUT", network, group) == "chapter"
    [one] = await service.database["groups"].find({"_id": id_of(group)})
    ids = [f"{id_of(group)}-{number:04}" for number in range(1999)]
    rows = [{**one, "_id": id_, "number": -number, "member_count": 7} for number, id_ in enumerate(ids, 1)]
    figures = [{"_id": id_, "v": 1, "events": 3, "announced_at": None, "scheduled_until": None} for id_ in ids]
    try:
        await service.database["groups"].insert_many(rows)
        await service.database["activity"].insert_many(figures)
        await service.database["activity_rsvps"].insert_many([{"_id": id_, "v": 1, "yes": 5} for id_ in ids])
        await service.database["activity_attendance"].insert_many([{"_id": id_, "v": 1, "attended": 4} for id_ in ids])
        seconds = []
        for _ in range(calls):
            begun = clock.monotonic()
            answer = await ada("GET", f"{network}/pulse")
            seconds.append(clock.monotonic() - begun)
        found = answer.json()
        listed, cursor = [one["group_id"] for one in found["chapters"]], found["next_cursor"]
        while cursor is not None:
            page = (await ada("GET", f"{network}/chapters?limit=100&cursor={cursor}")).json()
            listed += [one["group_id"] for one in page["items"]]
            cursor = page.get("next_cursor")
    finally:
        for collection in ("groups", "activity", "activity_rsvps", "activity_attendance"):
            await service.database[collection].delete_many({"_id": {"$in": ids}})
    sums = {"members": 13_994, "events": 5_997, "rsvps": 9_995, "attendance": 7_996}
    assert found["total"] == {"chapters": 2000, "dormant": 0, **sums}
    assert len(found["chapters"]) == 200
    assert listed == sorted([id_of(group), *ids])
    ordered = [round(1000 * one) for one in sorted(seconds)]
    log.info("pulse of 2,000 chapters", median_ms=ordered[calls // 2], worst_ms=ordered[-1], bytes=len(answer.content))
