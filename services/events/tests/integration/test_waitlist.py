"""Offers, leaders' hands, windows, questions, and what can be asked about the waitlist: over HTTP, with the worker."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from httpx2 import Response

from contracts.events import RsvpChanged
from testkit import eventually

from .running import Person, Service
from .test_http import founded, joined


def why(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


async def mine(person: Person, event_id: str) -> dict[str, Any]:
    """Their RSVP, without the code that only its reading tells."""
    found: dict[str, Any] = (await person("GET", f"/events/{event_id}/rsvp")).json()
    return {name: value for name, value in found.items() if name != "checkin_code"}


async def becomes(person: Person, event_id: str, status: str) -> dict[str, Any]:
    async def so() -> bool:
        return bool((await mine(person, event_id))["status"] == status)

    await eventually(so, within=30)
    return await mine(person, event_id)


async def told(service: Service, event_id: str) -> list[tuple[str, RsvpChanged]]:
    """What the service said of the event's RSVPs, in order."""
    found = await service.of(RsvpChanged.topic, event_id)
    return [(head["ce_type"].split(".")[-2], RsvpChanged.model_validate_json(value)) for head, value in found]


async def hours_pass(service: Service, event_id: str, hours: int) -> None:
    """For the event's offers: what they say of their time is moved back."""
    back = timedelta(hours=hours)
    for rsvp in await service.database["rsvps"].find({"event_id": event_id, "status": "offered"}):
        until = {"until": rsvp["until"] - back}
        assert await service.database["rsvps"].update_one({"_id": rsvp["_id"]}, {"$set": until})
    ledger = await service.database["ledgers"].find_one({"_id": event_id})
    assert ledger is not None
    lapses = {"lapses": ledger["lapses"] - back}
    assert await service.database["ledgers"].update_one({"_id": event_id}, {"$set": lapses})


async def line(service: Service, group_id: str, event_id: str, *names: str) -> list[Person]:
    """Members who have said yes, one after another."""
    people = [service.person(name) for name in names]
    await joined(service, group_id, *people)
    for person in people:
        await person.rsvp(event_id)
    return people


async def test_a_freed_seat_is_offered_declined_claimed(service: Service) -> None:
    olga, group_id = await founded(service)
    promotion = {"mode": "offer", "offer_ttl": "PT2H", "max_skips": 1}
    event_id = await service.event(olga, group_id, capacity=1, promotion=promotion)
    read = (await olga("GET", f"/events/{event_id}")).json()
    assert read["promotion"] == {"mode": "offer", "offer_ttl": "PT2H", "confirm_within": "P1D", "max_skips": 1}
    ada, bo, cy = await line(service, group_id, event_id, "ada", "bo", "cy")
    await ada.rsvp(event_id, "no")
    offered = await mine(bo, event_id)
    assert (offered["status"], offered["response"]) == ("offered", "yes")
    state = (await bo("GET", f"/events/{event_id}/rsvp-state")).json()
    assert (state["state"], state["offer_id"], state["seats_left"]) == ("offered", offered["offer_id"], 0)
    assert state["offer_expires_at"] == offered["offer_expires_at"]
    assert (await olga("GET", f"/events/{event_id}")).json()["seats_used"] == 0
    assert why(await cy("POST", f"/offers/{offered['offer_id']}/accept")) == (404, "unknown-offer")
    assert why(await cy("POST", "/offers/nonsense/accept")) == (404, "unknown-offer")
    assert why(await cy("POST", f"/offers/unknown.{offered['seq']}/accept")) == (404, "unknown-offer")
    declined = await bo("POST", f"/offers/{offered['offer_id']}/decline")
    assert (declined.status_code, declined.json()["status"]) == (200, "no")
    mine_now = await mine(cy, event_id)
    accepted = await cy("POST", f"/offers/{mine_now['offer_id']}/accept")
    assert (accepted.status_code, accepted.json()["status"]) == (200, "yes")
    assert accepted.json() == await mine(cy, event_id)
    assert "offer_id" not in accepted.json()
    again = await cy("POST", f"/offers/{mine_now['offer_id']}/accept")
    assert again.json() == accepted.json()

    async def published() -> bool:
        return len(await told(service, event_id)) == 8

    await eventually(published, within=20)
    said = [(name, changed.was, changed.status) for name, changed in await told(service, event_id)][3:]
    assert said == [
        ("declined", "yes", "no"),
        ("offered", "waitlist", "offered"),
        ("declined", "offered", "no"),
        ("offered", "waitlist", "offered"),
        ("promoted", "offered", "yes"),
    ]
    first = (await told(service, event_id))[4][1]
    assert first.offer_id == offered["offer_id"]
    assert first.offer_expires_at == datetime.fromisoformat(offered["offer_expires_at"])


async def test_an_offer_expires_by_the_worker_and_goes_to_the_next(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1, promotion={"mode": "offer"})
    ada, bo, cy = await line(service, group_id, event_id, "ada", "bo", "cy")
    await ada.rsvp(event_id, "no")
    offer_id = (await mine(bo, event_id))["offer_id"]
    await hours_pass(service, event_id, 13)
    assert why(await bo("POST", f"/offers/{offer_id}/accept")) in ((409, "offer-expired"), (409, "offer-over"))
    await becomes(bo, event_id, "no")
    assert (await mine(cy, event_id))["status"] == "offered"
    await hours_pass(service, event_id, 13)
    await becomes(cy, event_id, "no")
    ledger = await service.database["ledgers"].find_one({"_id": event_id})
    assert ledger is not None
    assert (ledger["held"], ledger["offers"], ledger["lapses"], ledger["waiting"]) == (0, 0, None, 0)
    assert (await bo.rsvp(event_id))["status"] == "yes"
    fair = (await ada("GET", f"/events/{event_id}/fairness")).json()
    assert (fair["offers"], fair["expired"], fair["claimed"], fair["inversions"]) == (2, 2, 0, 0)


async def test_leaders_choose_whom_they_promote_and_the_log_says_why(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1, promotion={"mode": "manual"})
    ada, bo, cy = people = await line(service, group_id, event_id, "ada", "bo", "cy")
    for number, person in enumerate(people, 1):
        await service.groups.member(person.id or "", 10_000 + number)
    path = f"/events/{event_id}/waitlist/{cy.id}/promote"
    assert why(await bo("POST", path)) == (403, "not-allowed")
    assert why(await olga("POST", path)) == (409, "no-free-seat")
    await ada.rsvp(event_id, "no")
    assert (await mine(bo, event_id))["status"] == "waitlist"
    promoted = await olga("POST", path)
    assert (promoted.status_code, promoted.json()["status"]) == (200, "yes")
    assert why(await olga("POST", f"/events/{event_id}/waitlist/{olga.id}/promote")) == (409, "not-waiting")

    async def asked() -> bool:
        return (await bo("GET", f"/events/{event_id}/waitlist/why?member_id={cy.id}")).status_code == 200

    await eventually(asked, within=20)
    because = (await bo("GET", f"/events/{event_id}/waitlist/why?member_id={cy.id}")).json()
    assert (because["reason"], because["seq"]) == ("by-hand", promoted.json()["seq"])
    assert why(await bo("GET", f"/events/{event_id}/waitlist/why?member_id=nobody")) == (404, "no-rsvp")
    assert why(await olga("GET", f"/events/{event_id}/waitlist/why?member_id={cy.id}")) == (404, "no-rsvp")
    fair = (await bo("GET", f"/events/{event_id}/fairness")).json()
    assert (fair["inversions"], fair["by_hand"], fair["overrides"]) == (0, 1, 0)


async def test_why_says_nothing_of_people_on_no_list(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1)
    ada, bo, cy = people = await line(service, group_id, event_id, "ada", "bo", "cy")
    for number, person in enumerate(people, 1):
        await service.groups.member(person.id or "", 40_000 + number, attendance="everyone")

    async def asked(person: Person, of: str | None) -> Response:
        return await person("GET", f"/events/{event_id}/waitlist/why?member_id={of}")

    async def seen() -> bool:
        return [(await asked(cy, one.id)).status_code for one in (ada, bo)] == [200, 200]

    await eventually(seen, within=20)
    stranger = await asked(cy, "nobody")
    await bo.rsvp(event_id, "no")
    gone = await asked(cy, bo.id)
    assert why(gone) == why(stranger) == (404, "no-rsvp")
    assert gone.json()["title"] == stranger.json()["title"]
    assert (await asked(cy, ada.id)).json()["reason"] == "asked-first"
    await olga.rsvp(event_id)
    assert (await asked(olga, bo.id)).json()["reason"] == "not-before", "leaders see who said no"


async def test_fairness_is_counted_with_each_decision(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=2)
    ada, bo, cy, _ = await line(service, group_id, event_id, "ada", "bo", "cy", "dee")
    path = f"/events/{event_id}/fairness"
    fair = (await ada("GET", path)).json()
    assert (fair["promoted"], fair["inversions"], "median_claim_seconds" in fair) == (0, 0, False)
    assert fair["longest_wait_seconds"] > 0, "somebody waits"
    await cy.rsvp(event_id, guests=1)
    await ada.rsvp(event_id, "no")
    fair = (await bo("GET", path)).json()
    assert (fair["promoted"], fair["skips"], fair["inversions"], fair["offers"]) == (1, 1, 0, 0)
    ledger = await service.database["ledgers"].find_one({"_id": event_id})
    assert ledger is not None
    assert ledger["fairness"]["moves"] == 2, "a turn that changed, and one that ended"
    plain = await service.event(olga, group_id)
    await ada.rsvp(plain)
    untouched = await service.database["ledgers"].find_one({"_id": plain})
    assert untouched is not None
    assert "fairness" not in untouched


async def test_leaders_add_beyond_the_capacity_change_and_take_out(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1)
    ada, bo = await line(service, group_id, event_id, "ada", "bo")
    eve, path = service.person("eve"), f"/events/{event_id}/rsvps"
    await service.groups.member(eve.id or "", 20_001, attendance="everyone")
    await eventually(lambda: service.database["members"].find_one({"_id": eve.id}), within=30)
    stranger = await olga("POST", path, {"member_id": eve.id, "guests": 1, "override": True})
    assert why(stranger) == (409, "not-a-member")
    await joined(service, group_id, eve)
    added = await olga("POST", path, {"member_id": eve.id, "guests": 1, "override": True})
    assert (added.status_code, added.json()["status"], added.json()["override"]) == (201, "yes", True)
    assert why(await ada("POST", path, {"member_id": eve.id})) == (403, "not-allowed")
    assert why(await olga("POST", path, {"member_id": f"x{eve.id}"})) == (404, "not-found")
    assert (await olga("GET", f"/events/{event_id}")).json()["seats_used"] == 3
    listed = (await olga("GET", path)).json()["items"]
    assert [(rsvp["member_id"], rsvp.get("by"), rsvp.get("override")) for rsvp in listed] == [
        (ada.id, None, None),
        (eve.id, olga.id, True),
    ]
    fewer = await olga("POST", path, {"member_id": eve.id, "guests": 0})
    assert (fewer.json()["guests"], fewer.json()["override"]) == (0, True)
    gone = await olga("POST", path, {"member_id": eve.id, "response": "no"})
    assert (gone.status_code, gone.json()["status"]) == (200, "no")
    assert (await mine(bo, event_id))["status"] == "waitlist"
    await olga("POST", path, {"member_id": ada.id, "response": "no"})
    assert (await mine(bo, event_id))["status"] == "yes"
    edited = await olga("PATCH", f"/events/{event_id}", {"title": "Rye"}, if_match='"2"')
    assert edited.status_code == 200


async def test_rsvps_are_opened_and_closed_by_hand(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, rsvp_opens_at="P1D")
    ada, path = service.person("ada"), f"/events/{event_id}"
    assert why(await ada("PUT", f"{path}/rsvp", {"response": "yes"})) == (409, "rsvps-not-open")
    assert why(await ada("POST", f"{path}/open-rsvps")) == (403, "not-allowed")
    opened = await olga("POST", f"{path}/open-rsvps")
    assert (opened.status_code, opened.json()["rsvps_by_hand"], opened.headers["etag"]) == (200, "opened", '"3"')
    assert (await ada.rsvp(event_id))["status"] == "yes"
    closed = await olga("POST", f"{path}/close-rsvps")
    assert closed.json()["rsvps_by_hand"] == "closed"
    assert (await ada("GET", path)).json()["rsvps_by_hand"] == "closed"
    assert why(await service.person("bo")("PUT", f"{path}/rsvp", {"response": "yes"})) == (409, "rsvps-closed")
    assert (await ada.rsvp(event_id, "no"))["status"] == "no"
    edited = await olga("PATCH", path, {"rsvp_opens_at": None}, if_match='"4"')
    assert edited.json()["rsvps_by_hand"] is None
    assert (await service.person("bo").rsvp(event_id))["status"] == "yes"


async def test_answers_to_questions_are_for_the_person_and_for_leaders(service: Service) -> None:
    olga, group_id = await founded(service)
    questions = ["Sour or sweet?", "Allergies".ljust(250, "?")]
    event_id = await service.event(olga, group_id, questions=questions)
    assert (await olga("GET", f"/events/{event_id}")).json()["questions"] == questions
    ada, bo = service.person("ada"), service.person("bo")
    for number, person in enumerate((ada, bo), 1):
        await service.groups.member(person.id or "", 30_000 + number)
    await joined(service, group_id, ada, bo)
    path, secret = f"/events/{event_id}/rsvp", f"nuts-{secrets.token_hex(6)}".ljust(250, "!")
    said = await ada("PUT", path, {"response": "yes", "answers": ["sour", secret]})
    assert (said.status_code, "answers" in said.json()) == (201, False)
    assert (await mine(ada, event_id))["answers"] == ["sour", secret]
    changed = await ada("PUT", path, {"response": "yes", "answers": ["sweet"]})
    assert (changed.status_code, changed.json()["seq"]) == (200, said.json()["seq"])
    assert (await mine(ada, event_id))["answers"] == ["sweet"]
    many = await ada("PUT", path, {"response": "yes", "answers": ["sour", "none", "more"]})
    assert why(many) == (422, "too-many-answers")
    await bo.rsvp(event_id)
    for person, shown in ((olga, True), (bo, False)):
        listed = (await person("GET", f"/events/{event_id}/rsvps")).json()["items"]
        assert [rsvp.get("answers") for rsvp in listed if rsvp["member_id"] == ada.id] in (
            [[["sweet"]]] if shown else [[None], []]
        )
    for name in ("journal", "results", "handoffs"):
        assert secret not in str(await service.database[name].find({})), name


async def test_places_in_line_go_on_over_pages_and_over_who_is_not_shown(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1)
    names = ["ada", "bo", "cy", "di", "eve", "flo"]
    people = await line(service, group_id, event_id, *names)
    for number, person in enumerate(people):
        await service.groups.member(person.id or "", 90 + number, attendance="nobody" if number == 2 else "everyone")
    stranger = service.person("stranger")

    async def read(reader: Person) -> list[int]:
        first = (await reader("GET", f"/events/{event_id}/waitlist?limit=2")).json()
        path = f"/events/{event_id}/waitlist?limit=4&cursor={first['next_cursor']}"
        rest = (await reader("GET", path)).json()
        return [one["position"] for one in (*first["items"], *rest["items"])]

    async def as_it_is() -> bool:
        assert await read(olga) == [1, 2, 3, 4, 5]
        assert await read(stranger) == [1, 3, 4, 5]
        return True

    await eventually(as_it_is, within=30)
