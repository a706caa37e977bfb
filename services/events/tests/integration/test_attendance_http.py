"""Check-in at the door, notes, the list and its CSV: over HTTP, with what other services hear of it."""

import csv
import io
import secrets
from datetime import datetime, timedelta
from typing import Any

from httpx2 import Response

from chassis import clock
from contracts.events import AttendanceChanged
from events_service.store.privacy import EventsHoldings
from testkit import eventually

from .running import Person, Service
from .test_http import founded, joined


def why(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


async def began(service: Service, event_id: str, ago: timedelta = timedelta(minutes=10)) -> None:
    """The event's times are moved: it began so long ago, and takes two hours."""
    starts = clock.utc_now() - ago
    times = {"$set": {"starts": starts, "ends": starts + timedelta(hours=2)}}
    for collection in ("events", "ledgers"):
        assert await service.database[collection].update_one({"_id": event_id}, times) == 1


async def evening_with(service: Service, *names: str, **changes: Any) -> tuple[Person, str, str, list[Person]]:
    """The leader, the group, an event that has begun, and those who have said yes to it, in this order."""
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, **changes)
    people = [service.person(name) for name in names]
    await joined(service, group_id, *people)
    for person in people:
        await person.rsvp(event_id)
    await began(service, event_id)
    return olga, group_id, event_id, people


async def told(service: Service, event_id: str, number: int) -> list[tuple[str, AttendanceChanged]]:
    """What the service said of who was there, once it is so many messages."""

    async def said() -> list[tuple[str, AttendanceChanged]]:
        found = await service.of(AttendanceChanged.topic, event_id)
        read = [(head["ce_type"].split(".")[-2], AttendanceChanged.model_validate_json(value)) for head, value in found]
        return read if len(read) >= number else []

    return await eventually(said, within=30)


async def test_a_member_checks_in_with_the_code_at_the_door(service: Service) -> None:
    olga, _, event_id, [ada] = await evening_with(service, "ada")
    path = f"/events/{event_id}"
    shown = await olga("GET", f"{path}/checkins/door")
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert why(await ada("GET", f"{path}/checkins/door")) == (403, "not-allowed")
    code = shown.json()["code"]
    first = await ada("POST", f"{path}/checkins", {"code": code.upper()})
    assert (first.status_code, first.json()["status"], first.json()["means"]) == (201, "attended", "door")
    again = await ada("POST", f"{path}/checkins", {"code": code})
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await ada("GET", f"{path}/rsvp")).json()["status"] == "attended"
    eve = service.person("eve")
    assert why(await eve("POST", f"{path}/checkins", {"code": code})) == (409, "no-place")
    assert why(await ada("POST", f"{path}/checkins", {"code": "aaaaaaaaaa"})) == (409, "unknown-code")
    for body in ({}, {"code": code, "member_id": "ada"}, {"code": ""}):
        assert (await ada("POST", f"{path}/checkins", body)).status_code == 422
    [(kind, message)] = await told(service, event_id, 1)
    assert (kind, message.mark, message.was, message.by) == ("checked-in", "attended", None, ada.id)


async def test_a_leader_scans_codes_and_lets_walk_ins_in(service: Service) -> None:
    olga, group_id, event_id, [ada, bo] = await evening_with(service, "ada", "bo", capacity=2)
    path = f"/events/{event_id}"
    mine = (await ada("GET", f"{path}/rsvp")).json()["checkin_code"]
    assert why(await bo("POST", f"{path}/checkins", {"code": mine})) == (403, "not-allowed")
    scanned = await olga("POST", f"{path}/checkins", {"code": mine})
    assert (scanned.json()["member_id"], scanned.json()["means"]) == (ada.id, "code")
    other = await service.event(olga, group_id)
    await ada.rsvp(other)
    elsewhere = (await ada("GET", f"/events/{other}/rsvp")).json()["checkin_code"]
    assert why(await olga("POST", f"{path}/checkins", {"code": elsewhere})) == (409, "unknown-code")
    assert why(await olga("POST", f"/events/{other}/checkins", {"code": elsewhere})) == (409, "checkin-not-open")
    cy = service.person("cy")
    await joined(service, group_id, cy)
    await service.groups.member(cy.id or "", 4711)
    await cy.rsvp(event_id)
    theirs = (await cy("GET", f"{path}/rsvp")).json()
    for mistaken in ({"code": theirs["checkin_code"]}, {"member_id": cy.id}):
        assert why(await olga("POST", f"{path}/checkins", mistaken)) == (409, "no-place")
    noted = await olga("PUT", f"{path}/attendance/{cy.id}", {"status": "attended"})
    assert why(noted) == (409, "no-place")
    assert (await cy("GET", f"{path}/rsvp")).json() == theirs
    walked = await olga("POST", f"{path}/checkins", {"member_id": cy.id, "let_in": True})
    answer = walked.json()
    assert (walked.status_code, answer["status"], answer["walk_in"], answer["override"]) == (
        201,
        "attended",
        True,
        True,
    )
    assert walked.headers["location"] == f"/v1{path}/attendance"
    assert (await olga("GET", path)).json()["seats_used"] == 3
    assert (await olga("POST", f"{path}/checkins", {"member_id": "nobody-knows"})).status_code == 404


async def test_a_repeat_hears_the_same_when_whom_it_was_about_was_forgotten_meanwhile(service: Service) -> None:
    olga, group_id, event_id, [ada] = await evening_with(service, "ada")
    await service.groups.member(ada.id or "", 4712)
    wishes: list[tuple[str, dict[str, Any]]] = [
        (f"/events/{await service.event(olga, group_id)}/rsvps", {"member_id": ada.id}),
        (f"/events/{event_id}/checkins", {"member_id": ada.id}),
    ]

    async def forgotten() -> bool:
        return await service.database["members"].update_one({"_id": ada.id}, {"$set": {"deleted": True}}) == 1

    first = [await olga("POST", path, body, idempotency_key=f"first-{event_id}") for path, body in wishes]
    assert [answer.status_code for answer in first] == [201, 201]
    await eventually(forgotten, within=20)
    again = [await olga("POST", path, body, idempotency_key=f"first-{event_id}") for path, body in wishes]
    assert [(one.status_code, one.content) for one in again] == [(one.status_code, one.content) for one in first]
    assert [(await olga("POST", path, body)).status_code for path, body in wishes] == [404, 404]


async def test_leaders_note_who_stayed_away_and_correct_it(service: Service) -> None:
    olga, _, event_id, [ada, bo] = await evening_with(service, "ada", "bo")
    path = f"/events/{event_id}/attendance"
    assert why(await bo("PUT", f"{path}/{ada.id}", {"status": "no_show"})) == (403, "not-allowed")
    assert why(await bo("GET", path)) == (403, "not-allowed")
    for status in ("no_show", "attended", "no_show"):
        assert (await olga("PUT", f"{path}/{ada.id}", {"status": status})).json()["status"] == status
    assert (await olga("PUT", f"{path}/{bo.id}", {"status": "excused"})).json()["status"] == "excused"
    assert (await olga("PUT", f"{path}/{bo.id}", {"status": "yes"})).json()["status"] == "yes"
    assert (await olga("PUT", f"{path}/{bo.id}", {"status": "maybe"})).status_code == 422
    kinds = [(kind, message.was, message.mark) for kind, message in await told(service, event_id, 5)]
    assert kinds == [
        ("missed", None, "no_show"),
        ("checked-in", "no_show", "attended"),
        ("missed", "attended", "no_show"),
        ("missed", None, "excused"),
        ("cleared", "excused", None),
    ]

    async def remembered() -> dict[str, Any]:
        found = {item["member_id"]: item for item in (await olga("GET", path)).json()["items"]}
        record: dict[str, Any] = found[ada.id].get("record", {})
        return record if record.get("no_show") else {}

    assert await eventually(remembered, within=30) == {"attended": 0, "no_show": 1, "excused": 0}
    page = (await olga("GET", path)).json()
    assert page["summary"] == {"attended": 0, "no_show": 1, "excused": 0, "walk_ins": 0}
    assert [item["member_id"] for item in (await olga("GET", f"{path}?status=yes")).json()["items"]] == [bo.id]
    assert [item["member_id"] for item in (await olga("GET", f"{path}?status=no_show")).json()["items"]] == [ada.id]
    theirs = (await bo("GET", f"/events/{event_id}/rsvps")).json()["items"]
    assert {item["status"] for item in theirs} == {"yes"}, "who stayed away is nobody's business but the leaders'"
    rows = dict([part async for part in EventsHoldings().gather(service.database, ada.id or "")])
    assert rows["attendance"][0]["no_show"] == 1
    assert rows["rsvps"][0]["attendance"]["mark"] == "no_show"
    assert str(olga.id) not in str(rows)


async def test_the_list_is_paged_as_json_and_whole_as_csv(service: Service) -> None:
    names = [f"p{number}" for number in range(7)]
    olga, _, event_id, people = await evening_with(service, *names, questions=["=Allergies?", "Bring?"])
    path = f"/events/{event_id}/attendance"
    await service.groups.member(people[0].id or "", 100, name="=cmd|' /C calc'!A0")
    await service.groups.member(people[1].id or "", 101, name="Zoë \uff1d1")
    await service.database["rsvps"].update_one(
        {"_id": f"{event_id}:{people[2].id}"}, {"$set": {"answers": ["+nuts", 'say "hi", all']}}
    )
    await olga("PUT", f"{path}/{people[3].id}", {"status": "no_show"})

    async def known() -> bool:
        ids = [person.id for person in people[:2]]
        return await service.database["members"].count({"_id": {"$in": ids}}) == 2

    await eventually(known, within=30)
    first = await olga("GET", f"{path}?limit=3")
    pages, cursor = [first.json()["items"]], first.json().get("next_cursor")
    while cursor:
        page = (await olga("GET", f"{path}?limit=3&cursor={cursor}")).json()
        pages, cursor = [*pages, page["items"]], page.get("next_cursor")
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [item["member_id"] for page in pages for item in page] == [person.id for person in people]
    table = await olga("GET", path, accept="text/csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert table.headers["content-disposition"] == f'attachment; filename="attendance-{event_id}.csv"'
    text = table.content.decode("utf-8-sig")
    assert table.content.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head[:3] == ["name", "member_id", "status"]
    assert head[-2:] == ["'=Allergies?", "Bring?"]
    assert [row[1] for row in rows] == [person.id for person in people]
    assert [row[0] for row in rows[:2]] == ["'=cmd|' /C calc'!A0", "Zoë \uff1d1"]
    assert rows[2][-2:] == ["'+nuts", 'say "hi", all']
    assert [row[2] for row in rows] == ["yes", "yes", "yes", "no_show", "yes", "yes", "yes"]
    json_first = await olga("GET", path, accept="application/json, text/csv;q=0.5")
    assert json_first.headers["content-type"] == "application/json"
    stranger = service.person("mia")
    assert why(await stranger("GET", path, accept="text/csv")) == (403, "not-allowed")
    assert (await service.person(None)("GET", path, accept="text/csv")).status_code == 401


async def test_seven_thousand_rows_come_all_and_once(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=None)
    ada = service.person("ada")
    await joined(service, group_id, ada)
    await ada.rsvp(event_id)
    row = await service.database["rsvps"].find_one({"_id": f"{event_id}:{ada.id}"})
    assert row is not None
    ids = [f"{event_id}:{ada.id}-{number:04}" for number in range(6999)]
    rows = [
        {**row, "_id": id_, "member_id": id_.partition(":")[2], "order": 10 + number, "number": -10 - number}
        for number, id_ in enumerate(ids)
    ]
    try:
        await service.database["rsvps"].insert_many(rows)
        table = await olga("GET", f"/events/{event_id}/attendance", accept="text/csv")
    finally:
        await service.database["rsvps"].delete_many({"_id": {"$in": ids}})
    found = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))
    assert [one[1] for one in found[1:]] == [ada.id, *(one["member_id"] for one in rows)]


async def test_advice_comes_from_the_groups_own_past_events(service: Service) -> None:
    olga, group_id = await founded(service)
    now, past = clock.utc_now(), []
    event_id = await service.event(olga, group_id, capacity=20)
    [event] = await service.database["events"].find({"_id": event_id})
    [ledger] = await service.database["ledgers"].find({"_id": event_id})
    for number in range(4):
        starts = now - timedelta(days=30 - number)
        past.append(f"{event_id}-{number}")
        times = {"_id": past[-1], "starts": starts, "ends": starts + timedelta(hours=2)}
        marks = {"attended": 15, "no_show": 5, "excused": 0, "walk_ins": 2, "absent_seats": 5, "walk_in_seats": 2}
        noted = {} if number == 3 else {"marks": marks}
        await service.database["events"].insert_one({**event, **times, "due_at": None})
        counted = {name: value for name, value in ledger.items() if name != "journal"}
        await service.database["ledgers"].insert_one({**counted, **times, **noted, "seats": 22})
    try:
        page = (await olga("GET", f"/events/{event_id}/attendance")).json()
    finally:
        for collection in ("events", "ledgers"):
            await service.database[collection].delete_many({"_id": {"$in": past}})
    assert page["overbooking"] == {"events": 3, "absent_share": 0.25, "extra_seats": 4}
    assert "overbooking" not in (await olga("GET", f"/events/{event_id}/attendance")).json()


async def test_nobody_is_at_an_event_that_was_cancelled(service: Service) -> None:
    olga, _, event_id, [ada] = await evening_with(service, "ada")
    path = f"/events/{event_id}"
    code = (await olga("GET", f"{path}/checkins/door")).json()["code"]
    assert (await olga("POST", f"{path}/cancel")).status_code == 200
    assert why(await olga("GET", f"{path}/checkins/door")) == (409, "event-cancelled")
    assert why(await ada("POST", f"{path}/checkins", {"code": code})) == (409, "event-cancelled")
    assert why(await olga("PUT", f"{path}/attendance/{ada.id}", {"status": "no_show"})) == (409, "event-cancelled")
    assert "checkin_code" not in (await ada("GET", f"{path}/rsvp")).json()
    draft = (await olga("GET", f"/events/{secrets.token_hex(4)}/checkins/door")).status_code
    assert draft == 404


async def test_a_host_does_at_their_event_what_leaders_do(service: Service) -> None:
    olga, group_id, event_id, [ada, bo] = await evening_with(service, "ada", "bo")
    other = await service.event(olga, group_id)
    assert (await olga("PUT", f"/events/{event_id}/hosts/{bo.id}")).status_code == 200
    await began(service, event_id)
    assert (await bo("POST", f"/events/{event_id}/checkins", {"member_id": ada.id})).status_code == 201
    assert (await bo("GET", f"/events/{event_id}/attendance")).status_code == 200
    assert why(await bo("GET", f"/events/{other}/attendance")) == (403, "not-allowed")


async def test_the_time_a_door_code_ends_is_the_databases(service: Service) -> None:
    olga, _, event_id, _ = await evening_with(service)
    shown = (await olga("GET", f"/events/{event_id}/checkins/door")).json()
    left = datetime.fromisoformat(shown["shown_until"]) - clock.utc_now()
    assert timedelta(seconds=-5) < left <= timedelta(seconds=35)
