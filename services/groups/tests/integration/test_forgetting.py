"""What else goes with a member who is forgotten: archives of exports, and the towns in which days counted them."""

from chassis.mongo import Document
from contracts.privacy import ExportChunk
from testkit import eventually
from testkit.calling import Person

from .conftest import Service, founded, reason
from .test_join_for_event import ask, refusals
from .test_privacy import OTHERS, receipt, status
from .test_pulse import id_of, pulse, says_yes


async def asks_to_be_forgotten(person: Person) -> str:
    """And is, by this service. The erasure's id."""
    asked = await person("DELETE", "/members/me?now=true")
    assert asked.status_code == 200

    async def waits_for_others() -> bool:
        return set((await status(person)).json()["missing"]) == set(OTHERS)

    await eventually(waits_for_others, within=60)
    return str(asked.json()["erasure_id"])


async def test_archives_go_too_also_what_of_them_waits_aside(keyed: Service) -> None:
    ada = keyed.person("ada")
    assert (await ada("GET", "/members/me")).status_code == 200
    asked = await ada("POST", "/members/me/export")
    id_, path = asked.json()["export_id"], asked.headers["location"].removeprefix("/v1")
    kept, aside = {"_id": {"$regex": f"^{id_}:"}}, {"topic": ExportChunk.topic, "subject": id_}
    for sequence in (1, 3):  # the second one is not there yet
        chunk = ExportChunk(request_id=id_, service="events", attempt="a", number=sequence, sealed="c2VhbGVk")
        await keyed.tell(chunk, source="events", subject=id_, sequence=sequence)

    async def gathered() -> bool:
        whole = set((await ada("GET", path)).json()["missing"]) == set(OTHERS)
        return whole and await keyed.database["parked"].count(aside) == 1

    await eventually(gathered, within=60)
    for name in OTHERS:
        await receipt(keyed, id_, name, kind="export")

    async def whole() -> bool:
        return (await ada("GET", path)).status_code == 200

    await eventually(whole, within=60)
    assert await keyed.database["export_chunks"].count(kept) > 1
    await asks_to_be_forgotten(ada)
    assert await keyed.database["export_chunks"].count(kept) == 0
    [waits] = await keyed.database["parked"].find(aside)
    assert waits["value"] is None
    assert (await ada("GET", path)).status_code == 410


async def happened(service: Service, path: str) -> list[str]:
    """What was told of people in the group."""
    found = await service.messages("groups.membership.v1", lambda head: head["ce_subject"] == id_of(path))
    return [head["ce_type"].split(".")[-2] for head, _ in found]


async def test_who_was_invited_or_refused_and_never_a_member_is_named_by_no_group(keyed: Service) -> None:
    olga, ada = keyed.person("olga"), keyed.person("ada")
    inviting, refusing = await founded(olga), await founded(olga, join_mode="closed")
    assert (await ada("GET", "/members/me")).status_code == 200
    assert (await olga("POST", f"{inviting}/invitations", {"member_id": ada.id})).status_code == 201
    await ask(keyed, id_of(refusing), ada)

    async def refused() -> bool:
        return bool(await refusals(keyed, id_of(refusing)))

    await eventually(refused, within=30)
    for path in (inviting, refusing):
        assert (await ada("GET", f"{path}/membership")).status_code == 404
        assert reason(await ada("DELETE", f"{path}/membership")) == "not-a-member"
    shown = [one["group_id"] for one in (await ada("GET", "/members/me/recommended-groups?limit=50")).json()["items"]]
    assert id_of(inviting) in shown
    erasure = await asks_to_be_forgotten(ada)
    invited, told = ["joined", "invited", "erased"], ["joined", "join-refused", "erased"]

    async def taken_back() -> bool:
        return [await happened(keyed, path) for path in (inviting, refusing)] == [invited, told]

    await eventually(taken_back, within=30)
    unwanted = await olga("POST", f"{inviting}/invitations", {"member_id": ada.id})
    assert (unwanted.status_code, reason(unwanted)) == (404, "member-not-found"), "who is forgotten is nobody"
    assert (await ada("GET", "/members/me")).status_code == 200
    assert (await olga("POST", f"{inviting}/invitations", {"member_id": ada.id})).status_code == 200, "it is open still"
    for name in OTHERS:
        await receipt(keyed, erasure, name, kind="erasure")

    async def done() -> bool:
        return bool((await status(ada)).json()["status"] == "done")

    await eventually(done, within=30)
    assert (await olga("POST", f"{refusing}/invitations", {"member_id": ada.id})).status_code == 201
    assert await asks_to_be_forgotten(ada) != erasure
    told += ["invited", "erased"]
    await eventually(taken_back, within=30)


async def lives(person: Person, town: str) -> None:
    assert (await person("PUT", "/members/me", {"name": "Ada", "city": town, "country": "nl"})).status_code == 200


async def days(service: Service, group: str) -> list[Document]:
    return await service.database["activity_days"].find({"group_id": id_of(group)}, sort=[("day", 1)])


async def active(service: Service, group: str, people: int) -> list[Document]:
    """The days of the group, once so many people are counted."""

    async def counted() -> list[Document]:
        found = await days(service, group)
        return found if sum(day["people"] for day in found) == people else []

    return await eventually(counted, within=60)


async def test_a_town_is_named_for_as_long_as_somebody_is_counted_there(keyed: Service) -> None:
    olga, ada, bo = (keyed.person(name) for name in ("olga", "ada", "bo"))
    group = await founded(olga)
    await lives(ada, "Urk")
    await lives(bo, "Urk")
    for number, who in enumerate((ada, bo), start=1):
        await says_yes(keyed, who, group, f"{id_of(group)}-{number}")
    [day] = await active(keyed, group, 2)
    assert day["places"] == {"nl-urk": {"people": 2, "city": "Urk", "country": "NL"}}
    await asks_to_be_forgotten(ada)
    [day] = await days(keyed, group)
    assert day["places"] == {"nl-urk": {"people": 1, "city": "Urk", "country": "NL"}}
    await asks_to_be_forgotten(bo)
    [day] = await days(keyed, group)
    assert (day["people"], day["places"]) == (2, {})
    assert (await pulse(olga, group))["active_members"] == 2


async def test_a_day_that_somebody_has_moved_on_from_does_not_name_their_town(keyed: Service) -> None:
    olga, ada = keyed.person("olga"), keyed.person("ada")
    group = await founded(olga)
    await lives(ada, "Urk")
    await says_yes(keyed, ada, group, f"{id_of(group)}-1")
    [day] = await active(keyed, group, 1)
    before = "2026-11-01"
    moved = {**day, "_id": f"{id_of(group)}:{before}", "day": before}
    await keyed.database["activity_days"].delete_many({"_id": day["_id"]})
    await keyed.database["activity_days"].insert_one(moved)
    row = {"_id": f"{id_of(group)}:{ada.id}"}
    await keyed.database["activity_people"].update_one(row, {"$set": {"last_day": before}})
    await lives(ada, "Ulft")
    await says_yes(keyed, ada, group, f"{id_of(group)}-2")

    async def went_on() -> bool:
        return len(await days(keyed, group)) == 2

    await eventually(went_on, within=60)
    first, second = await days(keyed, group)
    assert (first["people"], first["places"]) == (0, {})
    assert list(second["places"]) == ["nl-ulft"]


async def test_a_yes_that_comes_late_of_who_is_forgotten_is_remembered_by_nobody(keyed: Service) -> None:
    olga, ada, bo = (keyed.person(name) for name in ("olga", "ada", "bo"))
    group = await founded(olga)
    await lives(ada, "Urk")
    await asks_to_be_forgotten(ada)
    for number, who in enumerate((ada, bo), start=1):
        await says_yes(keyed, who, group, f"{id_of(group)}-{number}")

    async def heard() -> bool:
        return await keyed.database["activity_rsvps"].count({"_id": id_of(group), "yes": 2}) == 1

    await eventually(heard, within=60)
    people = await keyed.database["activity_people"].find({"group_id": id_of(group)})
    assert [person["member_id"] for person in people] == [bo.id]
    [day] = await days(keyed, group)
    assert (day["people"], day["first_timers"]) == (1, 1)
