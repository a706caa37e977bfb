"""A member takes their data along, or is forgotten. The other services' part is told as their relays would tell it."""

import io
import json
import secrets
import zipfile
from dataclasses import dataclass
from datetime import timedelta

from httpx2 import Response

from chassis.mongo import Document
from chassis.privacy.worker import export_sealer
from contracts.groups import ConversationFact
from contracts.privacy import ExportChunk, PrivacyReceipt
from groups_service.app import own
from groups_service.store.holdings import GroupsHoldings
from testkit import eventually
from testkit.calling import Person

from .conftest import Service, founded, reason
from .test_networks import networked
from .test_posts import group as group_of
from .test_posts import said
from .test_pulse import id_of, says_yes
from .test_reports import filed

OTHERS = ("events", "notifications")


async def described(service: Service, name: str) -> tuple[Person, str]:
    """A member with a profile, and the word that is found in it and in their answers."""
    person = service.person(name)
    word = f"planted{secrets.token_hex(6)}"
    profile = {"name": f"{word} name", "bio": f"{word} bio", "city": f"{word} city", "topics": [f"{word} topic"]}
    assert (await person("PUT", "/members/me", profile)).status_code == 200
    return person, word


async def receipt(
    service: Service, request_id: str, name: str, *, kind: str, attempt: str = "", chunks: int = 0
) -> None:
    body = PrivacyReceipt.model_validate(
        {"request_id": request_id, "service": name, "kind": kind, "attempt": attempt, "chunks": chunks}
    )
    await service.tell(body, source=name, subject=request_id)


async def status(person: Person) -> Response:
    return await person("GET", "/members/me/erasure")


async def test_an_export_is_one_archive_of_all_three(keyed: Service) -> None:
    ada, word = await described(keyed, "ada")
    group = await founded(keyed.person("olga"), join_mode="approval", join_questions=["Why?"])
    assert (await ada("PUT", f"{group}/membership", {"answers": [f"{word} answer"]})).status_code == 201
    asked = await ada("POST", "/members/me/export")
    assert (asked.status_code, asked.json()["status"]) == (201, "asked")
    id_, path = asked.json()["export_id"], asked.headers["location"].removeprefix("/v1")

    async def waits_for_others() -> bool:
        return set((await ada("GET", path)).json()["missing"]) == set(OTHERS)

    await eventually(waits_for_others, within=30)
    assert (await keyed.person("bo")("GET", path)).status_code == 404
    sealer = export_sealer(keyed.settings.export_keys(), id_)
    for name in OTHERS:
        text = json.dumps({"name": "things", "documents": [{"from": name}]})
        for attempt in ("died", "whole"):
            chunk = ExportChunk.model_validate(
                {
                    "request_id": id_,
                    "service": name,
                    "attempt": attempt,
                    "number": 0,
                    "sealed": sealer.seal(text, f"{attempt} 0"),
                }
            )
            await keyed.tell(chunk, source=name, subject=id_, sequence=1 + (attempt == "whole"))
        await receipt(keyed, id_, name, kind="export", attempt="whole", chunks=1)

    async def whole() -> bool:
        return (await ada("GET", path)).status_code == 200

    await eventually(whole, within=30)
    archive = await ada("GET", path)
    assert archive.headers["content-type"] == "application/zip"
    packed = zipfile.ZipFile(io.BytesIO(archive.content))
    assert {"groups/profile.json", "groups/memberships.json", "events/things.json"} <= set(packed.namelist())
    profile = json.loads(packed.read("groups/profile.json"))
    assert profile[0]["bio"] == f"{word} bio"
    assert json.loads(packed.read("groups/memberships.json"))[0]["answers"] == [f"{word} answer"]
    sent = await keyed.messages("privacy.exports.v1", lambda head: head["ce_subject"] == id_)
    assert len(sent) >= 5
    kept = [await keyed.database[name].find({}) for name in ("journal", "results", "handoffs", "export_chunks")]
    assert word not in repr(sent)
    assert word not in repr(kept)


async def test_an_erasure_at_once_leaves_nothing_that_was_said(keyed: Service) -> None:
    ada, word = await described(keyed, "ada")
    olga = keyed.person("olga")
    group = await founded(olga, join_mode="approval", join_questions=["Why?"])
    await ada("PUT", f"{group}/membership", {"answers": [f"{word} answer"]})
    assert (await olga("POST", f"{group}/members/{ada.id}/approve")).status_code == 200
    own = await founded(ada)
    await ada("PUT", f"/members/{olga.id}/block")
    asked = await ada("DELETE", "/members/me?now=true")
    assert (asked.status_code, asked.json()["status"]) == (200, "asked"), asked.text
    id_ = asked.json()["erasure_id"]

    async def waits_for_others() -> bool:
        return set((await status(ada)).json()["missing"]) == set(OTHERS)

    await eventually(waits_for_others, within=40)
    for name in OTHERS:
        await receipt(keyed, id_, name, kind="erasure")

    async def done() -> bool:
        return bool((await status(ada)).json()["status"] == "done")

    await eventually(done, within=30)
    assert (await olga("GET", f"/members/{ada.id}")).status_code == 404
    assert (await olga("GET", group)).json()["member_count"] == 1
    assert (await olga("GET", own)).json()["status"] == "grace"
    rows = await keyed.database["memberships"].find({"member_id": ada.id})
    assert {(row["state"], row["erased"], tuple(row["answers"])) for row in rows} == {("left", True, ())}
    assert await keyed.database["keys"].count({"_id": ada.id}) == 0
    assert await keyed.database["blocks"].count({"members.0": ada.id}) == 0
    for name in await keyed.database.collections():
        assert word not in repr(await keyed.database[name].find({})), name

    async def told() -> bool:
        heard = await keyed.messages("groups.member.v1", lambda head: head["ce_subject"] == ada.id)
        assert (heard[-1][0]["ce_type"], heard[-1][1]) == ("convene.groups.member.erased.v1", b"")
        left = await keyed.messages("groups.membership.v1", lambda head: head["ce_type"].endswith(".erased.v1"))
        return {f"/groups/{head['ce_subject']}" for head, value in left if not value} >= {group, own}

    await eventually(told, within=30)


@dataclass
class Spoken:
    """What somebody said among others, by what of it is looked at afterwards."""

    ada: Person
    olga: Person
    group: str
    word: str
    post: str
    reply: str
    of_others: str
    filed: str
    judged: str
    network: str


async def spoken(service: Service) -> Spoken:
    """A member with a post, a reply, an earlier text, a reaction, reports filed and resolved, a network and a yes."""
    group, [olga, ada, bo] = await group_of(service, "ada", "bo")
    word = f"planted{secrets.token_hex(6)}"
    for who in (ada, olga):
        assert (await who("GET", "/members/me")).status_code == 200
    post = (await said(ada, group, f"{word} first", title=f"{word} title"))["post_id"]
    edited = await ada("PATCH", f"/posts/{post}", {"body": f"{word} second"}, if_match='"1"')
    assert edited.status_code == 200
    others = (await said(olga, group, "Who comes?"))["post_id"]
    for to, body in ((others, f"{word} reply"), (post, f"{word} own reply")):
        reply = (await ada("POST", f"/posts/{to}/replies", {"body": body})).json()["post_id"]
    assert (await bo("POST", f"/posts/{others}/replies", {"body": "I do"})).status_code == 201
    for who in (ada, bo):
        assert (await who("PUT", f"/posts/{others}/reactions/like")).status_code == 200
        assert (await who("PUT", f"/posts/{post}/reactions/thanks")).status_code == 200
    await olga("PUT", f"{group}/members/{ada.id}/role", {"role": "assistant_organizer"})
    about = {"reason": f"{word} reason", "text": f"{word} text"}
    mine = (await filed(ada, "post", others, **about))["report_id"]
    judged = (await filed(olga, "member", bo.id, group_id=id_of(group)))["report_id"]
    resolved = await ada("POST", f"/reports/{judged}/resolve", {"action": "dismiss", "note": f"{word} note"})
    assert resolved.status_code == 200, resolved.text
    network = await networked(ada)
    await says_yes(service, ada, group, f"{id_of(group)}-yes")

    async def counted() -> bool:
        return await service.database["activity_people"].count({"member_id": ada.id}) == 1

    await eventually(counted, within=60)
    return Spoken(ada, olga, group, word, post, reply, others, mine, judged, network)


async def test_an_export_has_what_was_said_in_groups_and_run_in_networks(keyed: Service) -> None:
    plant = await spoken(keyed)
    ada, word = plant.ada, plant.word
    found = await exported(keyed, ada)
    assert {one["body"] for one in found["posts"]} == {f"{word} second", f"{word} reply", f"{word} own reply"}
    assert [(one["title"], one["body"]) for one in found["revisions"]] == [(f"{word} title", f"{word} first")]
    assert {(one["post_id"], one["name"]) for one in found["reactions"]} == {
        (plant.of_others, "like"),
        (plant.post, "thanks"),
    }
    [report] = found["reports"]
    assert (report["report_id"], report["reason"], report["text"]) == (plant.filed, f"{word} reason", f"{word} text")
    [resolved] = found["reports-resolved"]
    assert (resolved["report_id"], resolved["note"]) == (plant.judged, f"{word} note")
    assert found["networks"] == [{"network_id": id_of(plant.network), "name": "Python in 130 cities"}]
    assert [one["group_id"] for one in found["activity"]] == [id_of(plant.group)]
    for name in ("note", "resolved_by", "action"):
        assert name not in report, "who judged it is not the reporter's to know"
    for name in ("text", "reporter_id"):
        assert name not in resolved, "what another reported is not the judge's own"


async def exported(service: Service, who: Person) -> dict[str, list[Document]]:
    """What this service gathers, by its name in the archive."""
    found: dict[str, list[Document]] = {}
    async for name, documents in GroupsHoldings().gather(service.database, str(who.id)):
        found.setdefault(name, []).extend(documents)
    return found


async def test_an_erasure_takes_back_what_was_said_in_groups_and_run_in_networks(keyed: Service) -> None:
    plant = await spoken(keyed)
    ada, olga = plant.ada, plant.olga
    assert (await ada("DELETE", "/members/me?now=true")).status_code == 200

    async def waits_for_others() -> bool:
        return set((await status(ada)).json()["missing"]) == set(OTHERS)

    await eventually(waits_for_others, within=60)
    for name in await keyed.database.collections():
        assert plant.word not in repr(await keyed.database[name].find({})), name
    for name in ("reactions", "activity_people"):
        assert await keyed.database[name].count({"member_id": ada.id}) == 0
    for id_ in (plant.post, plant.reply):
        shown = (await olga("GET", f"/posts/{id_}")).json()
        assert (shown["state"], shown["author_id"], shown["body"]) == ("deleted", None, None)
    assert (await olga("GET", f"/posts/{plant.post}")).json()["reactions"] == {"thanks": 1}
    theirs = (await olga("GET", f"/posts/{plant.of_others}")).json()
    assert (theirs["reactions"], theirs["replies"], theirs["body"]) == ({"like": 1}, 1, "Who comes?")
    report = (await keyed.admin()("GET", f"/reports/{plant.filed}")).json()
    assert (report["state"], report["reporter_id"], report["reason"], report["text"]) == ("open", None, "", "")
    judged = (await keyed.admin()("GET", f"/reports/{plant.judged}")).json()
    assert (judged["action"], judged["note"], judged["resolved_by"]) == ("dismiss", "", ada.id)
    network = await olga("GET", plant.network)
    assert network.json()["admins"] == []
    other = await networked(olga)
    named = await olga("PATCH", other, {"admins": [olga.id, ada.id]}, if_match='"1"')
    assert reason(named) == "member-not-found"
    sound = await own(keyed.settings).reconciled()
    assert sound.sound, sound.document()

    async def told() -> bool:
        heard = await keyed.messages("groups.conversation.v1", lambda head: head["ce_type"].endswith(".deleted.v1"))
        said_of = {ConversationFact.model_validate_json(value).post_id for _, value in heard}
        return {plant.post, plant.reply} <= said_of

    await eventually(told, within=30)


async def test_signing_in_again_within_the_grace_undoes_the_erasure_and_looking_does_not(keyed: Service) -> None:
    ada, word = await described(keyed, "ada")
    asked = (await ada("DELETE", "/members/me")).json()
    assert asked["status"] == "grace"
    again = (await ada("DELETE", "/members/me")).json()
    assert (again["erasure_id"], again["due_at"]) == (asked["erasure_id"], asked["due_at"])

    async def announced() -> bool:
        return await keyed.database["privacy_cases"].count({"member_id": ada.id, "stage": "announced"}) == 1

    await eventually(announced, within=30)
    assert (await status(ada)).json()["status"] == "grace"

    async def undone() -> bool:
        assert (await ada("GET", "/members/me")).status_code == 200
        return bool((await status(ada)).json()["status"] == "undone")

    await eventually(undone, within=30)
    assert (await ada("GET", "/members/me")).json()["name"] == f"{word} name"
    third = (await ada("DELETE", "/members/me?now=true")).json()
    assert (third["erasure_id"] != asked["erasure_id"], third["status"]) == (True, "asked")


async def test_the_grace_ends_by_itself(keyed: Service) -> None:
    ada, word = await described(keyed, "ada")
    asked = (await ada("DELETE", "/members/me")).json()
    requests = keyed.database["privacy_requests"]
    found = await requests.find_one({"_id": asked["erasure_id"]})
    assert found is not None
    assert found["due_at"] - found["asked_at"] == timedelta(days=7)
    await requests.update_one({"_id": asked["erasure_id"]}, {"$set": {"due_at": found["asked_at"]}})

    async def gone() -> bool:
        return word not in repr(await keyed.database["members"].find({"_id": ada.id}))

    await eventually(gone, within=40)
