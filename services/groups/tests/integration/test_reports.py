"""Reports and the audit log over HTTP: who hears of what, what a decision does, and that damage to the log is found."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis.mongo import Database, Document
from groups_service.domain.audit import digest
from groups_service.store.audit import document_of, link_of, verified
from testkit.calling import Person
from testkit.planting import kept
from testkit.running import program

from .conftest import Service, reason
from .test_posts import group, said


async def filed(who: Person, what: str, id_: object, **more: object) -> dict[str, Any]:
    answer = await who("POST", "/reports", {"what": what, "id": id_, "reason": "spam", **more})
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def queue(who: Person, path: str) -> list[dict[str, Any]]:
    answer = await who("GET", f"{path}/reports")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def log(who: Person, path: str) -> list[tuple[Any, ...]]:
    """The audit log, the first act first."""
    answer = await who("GET", f"{path}/audit?limit=100")
    assert answer.status_code == 200, answer.text
    return [(one["what"], one["who"], one["whom"], one["detail"]) for one in answer.json()["items"][::-1]]


async def test_leaders_see_what_waits_first_and_reporting_twice_changes_nothing(service: Service) -> None:
    path, [olga, ada, bo, cy] = await group(service, "ada", "bo", "cy")
    post = await said(ada, path)
    one = await filed(bo, "post", post["post_id"], text="private words")
    again = await filed(bo, "post", post["post_id"], text="other words")
    assert again == one
    other = await filed(cy, "post", post["post_id"])
    assert [report["report_id"] for report in await queue(olga, path)] == [one["report_id"], other["report_id"]]
    resolved = await olga("POST", f"/reports/{one['report_id']}/resolve", {"action": "dismiss", "note": "fine"})
    assert (resolved.status_code, resolved.json()["state"], resolved.json()["action"]) == (200, "resolved", "dismiss")
    assert "text" not in resolved.json()
    found = await queue(olga, path)
    assert [(report["report_id"], report["state"]) for report in found] == [
        (other["report_id"], "open"),
        (one["report_id"], "resolved"),
    ]
    assert (found[1]["note"], found[1]["text"], found[1]["reporter_id"]) == ("fine", "private words", bo.id)
    first = (await olga("GET", f"{path}/reports?limit=1")).json()
    second = (await olga("GET", f"{path}/reports?limit=1&cursor={first['next_cursor']}")).json()
    assert [page["items"][0]["report_id"] for page in (first, second)] == [other["report_id"], one["report_id"]]
    for name in ("journal", "results", "handoffs"):
        assert "private words" not in str(await service.database[name].find({})), f"{name} holds a text in clear"


async def test_who_is_reported_hears_nothing_also_when_they_lead(service: Service) -> None:
    path, [olga, asa, bo] = await group(service, "asa", "bo")
    await olga("PUT", f"{path}/members/{asa.id}/role", {"role": "assistant_organizer"})
    report = await filed(bo, "member", asa.id)
    there = f"/reports/{report['report_id']}"
    assert await queue(asa, path) == []
    assert (await asa("GET", there)).status_code == 404
    assert (await asa("POST", f"{there}/resolve", {"action": "dismiss"})).status_code == 403
    assert reason(await bo("GET", f"{path}/reports")) == "not-allowed"
    assert (await bo("GET", there)).json() == report
    assert (await olga("GET", there)).json()["reporter_id"] == bo.id


async def test_a_report_hides_and_deletes_posts(service: Service) -> None:
    path, [olga, ada, bo] = await group(service, "ada", "bo")
    post = await said(ada, path, "rude")
    reply = (await ada("POST", f"/posts/{post['post_id']}/replies", {"body": "ruder"})).json()
    about_post, about_reply = await filed(bo, "post", post["post_id"]), await filed(bo, "post", reply["post_id"])
    assert (about_post["what"], about_reply["what"]) == ("post", "reply")
    await olga("POST", f"/reports/{about_post['report_id']}/resolve", {"action": "hide"})
    await olga("POST", f"/reports/{about_reply['report_id']}/resolve", {"action": "delete"})
    there = [(await bo("GET", f"/posts/{one['post_id']}")).json()["state"] for one in (post, reply)]
    assert there == ["hidden", "deleted"]
    other = await olga("POST", f"/reports/{about_post['report_id']}/resolve", {"action": "ban"})
    assert (other.status_code, reason(other)) == (409, "report-resolved")


async def test_a_report_removes_and_bans(service: Service) -> None:
    path, [olga, ada, bo] = await group(service, "ada", "bo")
    post = await said(ada, path)
    report = await filed(bo, "post", post["post_id"])
    await olga("POST", f"/reports/{report['report_id']}/resolve", {"action": "remove"})
    assert (await ada("GET", f"{path}/membership")).json()["state"] == "removed"
    report = await filed(bo, "member", ada.id, group_id=path.rpartition("/")[2])
    await olga("POST", f"/reports/{report['report_id']}/resolve", {"action": "ban"})
    assert (await ada("GET", f"{path}/membership")).json()["state"] == "banned"
    assert (await olga("GET", path)).json()["member_count"] == 2


async def test_members_are_reported_where_both_are(service: Service) -> None:
    path, [_, ada, bo] = await group(service, "ada", "bo")
    for who in (ada, bo):
        await who("GET", "/members/me")
    assert f"/groups/{(await filed(bo, 'member', ada.id))['group_id']}" == path
    zoe = service.person("zoe")
    await zoe("GET", "/members/me")
    nowhere = await bo("POST", "/reports", {"what": "member", "id": zoe.id, "reason": "spam"})
    assert (nowhere.status_code, reason(nowhere)) == (409, "no-common-group")


async def test_what_leaders_cannot_judge_goes_to_the_platforms_admins(service: Service) -> None:
    path, [olga, ada, bo] = await group(service, "ada", "bo")
    admin, group_id = service.admin(), path.rpartition("/")[2]
    about_organizer = await filed(bo, "member", olga.id, group_id=group_id)
    about_group = await filed(bo, "group", group_id)
    post = await said(ada, path)
    for_leaders = await filed(bo, "post", post["post_id"])
    assert [one["report_id"] for one in await queue(olga, path)] == [for_leaders["report_id"]]
    assert reason(await olga("GET", "/reports")) == "insufficient-scope"

    async def waiting() -> set[str]:
        answer = await admin("GET", "/reports?limit=100")
        assert answer.status_code == 200, answer.text
        return {one["report_id"] for one in answer.json()["items"] if one["group_id"] == group_id}

    assert await waiting() == {about_organizer["report_id"], about_group["report_id"]}
    [document] = await service.database["reports"].find({"_id": for_leaders["report_id"]})
    earlier = {"$set": {"filed_at": document["filed_at"] - timedelta(days=7, seconds=1)}}
    await service.database["reports"].update_one({"_id": for_leaders["report_id"]}, earlier)
    assert for_leaders["report_id"] in await waiting()
    assert (
        await olga("POST", f"/reports/{about_organizer['report_id']}/resolve", {"action": "ban"})
    ).status_code == 403
    banned = await admin("POST", f"/reports/{about_organizer['report_id']}/resolve", {"action": "ban"})
    assert banned.status_code == 200, banned.text
    found = (await ada("GET", path)).json()
    assert (found["status"], found["organizer_id"], found["member_count"]) == ("grace", None, 2)
    assert (await admin("GET", f"{path}/audit")).json()["items"][0]["who"] == admin.id


async def test_every_act_of_moderation_is_in_the_log(service: Service) -> None:
    path, [olga, ada, bo] = await group(service, "ada", "bo")
    post = await said(ada, path)
    there = f"/posts/{post['post_id']}"
    await olga("PUT", f"{there}/hide")
    await olga("PUT", f"{there}/hide")
    await olga("PUT", f"{there}/hide", {"hidden": False})
    report = await filed(bo, "post", post["post_id"])
    await olga("POST", f"/reports/{report['report_id']}/resolve", {"action": "delete", "note": "private words"})
    await olga("PUT", f"{path}/members/{bo.id}/role", {"role": "co_organizer"})
    for act in ("remove", "ban", "unban"):
        await bo("POST", f"{path}/members/{ada.id}/{act}")
    assert await log(olga, path) == [
        ("hide", olga.id, ada.id, None),
        ("show", olga.id, ada.id, None),
        ("delete", olga.id, ada.id, None),
        ("resolve", olga.id, ada.id, "delete"),
        ("role", olga.id, bo.id, "co_organizer"),
        ("remove", bo.id, ada.id, None),
        ("ban", bo.id, ada.id, None),
        ("unban", bo.id, ada.id, None),
    ]
    assert reason(await ada("GET", f"{path}/audit")) == "not-allowed"
    assert "private words" not in str(await service.database["audit"].find({}))
    pages = (await olga("GET", f"{path}/audit?limit=5")).json()
    rest = (await olga("GET", f"{path}/audit?limit=5&cursor={pages['next_cursor']}")).json()
    assert [one["number"] for page in (pages, rest) for one in page["items"]] == [8, 7, 6, 5, 4, 3, 2, 1]


async def test_own_deletions_are_in_no_log(service: Service) -> None:
    path, [olga, ada] = await group(service, "ada")
    post = await said(ada, path)
    await ada("DELETE", f"/posts/{post['post_id']}")
    assert await log(olga, path) == []


async def test_acts_at_the_same_time_are_one_chain(service: Service) -> None:
    path, [olga, *members] = await group(service, *(f"m{number}" for number in range(12)))
    acts = [olga("POST", f"{path}/members/{who.id}/{act}") for who in members for act in ("ban", "unban")]
    assert {answer.status_code for answer in await asyncio.gather(*acts)} == {200}
    assert (await verified(service.database)).sound
    [head] = await service.database["groups"].find({"_id": path.rpartition("/")[2]}, fields={"audit": 1})
    assert head["audit"]["number"] == len(await log(olga, path)) >= 12


Damage = Callable[[Database, str], Awaitable[None]]


async def link(database: Database, group_id: str, number: int) -> Document:
    [found] = await database["audit"].find({"_id": f"{group_id}:{number}"})
    return found


async def changed(database: Database, group_id: str) -> None:
    await database["audit"].update_one({"_id": f"{group_id}:3"}, {"$set": {"who": "somebody"}})


async def rewritten(database: Database, group_id: str) -> None:
    """With a digest that fits."""
    await database["audit"].update_one({"_id": f"{group_id}:3"}, {"$set": {"who": "somebody"}})
    found = link_of(await link(database, group_id, 3))
    await database["audit"].update_one({"_id": f"{group_id}:3"}, {"$set": {"digest": digest(found)}})


async def stripped(database: Database, group_id: str) -> None:
    await database["audit"].update_one({"_id": f"{group_id}:3"}, {"$unset": {"whom": ""}})


async def removed(database: Database, group_id: str) -> None:
    await database["audit"].delete_many({"_id": f"{group_id}:3"})


async def inserted(database: Database, group_id: str) -> None:
    found = await link(database, group_id, 3)
    await database["audit"].insert_one({**found, "_id": f"{group_id}:3b", "who": "somebody"})


async def appended(database: Database, group_id: str) -> None:
    found = await link(database, group_id, 4)
    await database["audit"].insert_one({**found, "_id": f"{group_id}:5", "number": 5, "previous": found["digest"]})


async def reordered(database: Database, group_id: str) -> None:
    one, other = await link(database, group_id, 2), await link(database, group_id, 3)
    await database["audit"].delete_many({"_id": {"$in": [one["_id"], other["_id"]]}})
    await database["audit"].insert_many(
        [{**one, "_id": other["_id"], "number": 3}, {**other, "_id": one["_id"], "number": 2}]
    )


async def cut(database: Database, group_id: str) -> None:
    await database["audit"].delete_many({"group_id": group_id, "number": {"$gte": 3}})


async def of_no_group(database: Database, group_id: str) -> None:
    found = document_of(link_of(await link(database, group_id, 1)))
    await database["audit"].insert_one({**found, "_id": "gone:1", "group_id": "gone"})


@pytest.mark.parametrize(
    ("damage", "where", "why"),
    [
        (changed, 3, "changed"),
        (rewritten, 4, "out-of-place"),
        (stripped, 3, "changed"),
        (removed, 3, "missing"),
        (inserted, 4, "out-of-place"),
        (appended, 5, "unknown"),
        (reordered, 2, "changed"),
        (cut, 3, "cut"),
        (of_no_group, 1, "unknown"),
    ],
)
async def test_damage_to_the_log_is_found_where_it_begins(
    service: Service, damage: Damage, where: int, why: str
) -> None:
    path, [olga, ada] = await group(service, "ada")
    group_id = path.rpartition("/")[2]
    for act in ("remove", "ban", "unban", "ban"):
        assert (await olga("POST", f"{path}/members/{ada.id}/{act}")).status_code == 200
    assert (await verified(service.database)).sound
    async with kept(service.database, "audit"):
        await damage(service.database, group_id)
        found = await verified(service.database)
        [broken] = found.broken
        assert (broken.number, broken.why, found.sound) == (where, why, False)
        assert broken.group_id == ("gone" if damage is of_no_group else group_id)
    assert (await verified(service.database)).sound


async def audit(service: Service) -> tuple[int | None, dict[str, Any]]:
    """The exit code of `python -m groups_service audit` on the service's database, and what it says."""
    environment = {
        "MONGO_URL": service.settings.mongo_url.get_secret_value(),
        "KAFKA_BOOTSTRAP": service.settings.kafka_bootstrap,
    }
    async with program("groups_service", "audit", **environment) as process:
        out, said = await process.communicate()
        assert out, said.decode()
        found: dict[str, Any] = json.loads(out.splitlines()[-1])
        return process.returncode, found


async def test_the_audit_as_a_process_fails_and_names_the_link_that_was_changed(service: Service) -> None:
    path, [olga, ada] = await group(service, "ada")
    group_id = path.rpartition("/")[2]
    for act in ("remove", "ban", "unban"):
        assert (await olga("POST", f"{path}/members/{ada.id}/{act}")).status_code == 200
    code, sound = await audit(service)
    assert (code, sound["broken"], sound["links"] >= 3) == (0, [], True)
    async with kept(service.database, "audit"):
        await changed(service.database, group_id)
        broken = [{"group_id": group_id, "number": 3, "why": "changed"}]
        assert await audit(service) == (1, {**sound, "broken": broken})
