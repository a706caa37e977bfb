"""Contact points: given, proved by mail, used, removed."""

from typing import Any

from testkit import eventually

from .community import event, group, rsvp
from .conftest import Service, fresh


async def test_opening_the_link_proves_nothing_and_the_button_does(service: Service) -> None:
    ada = fresh("ada")
    address = f"{ada}@example.org"
    given = await service.call(ada, "PUT", "/contact-points", {"email": address})
    assert given.json() == (await service.call(ada, "GET", "/contact-points")).json()
    assert given.json()["created_at"] == given.json()["updated_at"]
    assert (given.json()["email"], given.json()["verified"], given.json()["version"]) == (address, False, 1)
    link = await service.link_for(address)
    page = await service.client.get(f"/v1/{link}", headers={"accept-language": "xx"})
    assert (page.status_code, '<form method="post">' in page.text) == (200, True)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert (await service.call(ada, "GET", "/contact-points")).json()["verified"] is False
    for _ in range(2):
        done = await service.client.post(f"/v1/{link}")
        assert (done.status_code, "confirmed" in done.text) == (200, True)
    found = await service.call(ada, "GET", "/contact-points")
    assert (found.json()["email"], found.json()["verified"]) == (address, True)
    assert found.headers["etag"] == '"2"'
    assert found.json()["created_at"] == given.json()["created_at"] < found.json()["updated_at"]
    account = {"_id": ada}
    await service.database["accounts"].update_one(account, {"$unset": {"contact.created_at": ""}})
    of_before = (await service.call(ada, "GET", "/contact-points")).json()
    assert of_before["created_at"] == of_before["updated_at"]
    stale = await service.call(ada, "PUT", "/contact-points", {"email": None}, if_match='"1"')
    assert (stale.status_code, stale.json()["type"].rpartition("/")[2]) == (412, "stale-version")
    removed = await service.call(ada, "PUT", "/contact-points", {"email": None}, if_match=found.headers["etag"])
    assert (removed.status_code, removed.json()["email"]) == (200, None)


async def test_a_forged_link_is_nothing(service: Service) -> None:
    assert (await service.client.post("/v1/contact-points/verify/" + "A" * 60)).status_code == 404
    assert (await service.client.get("/v1/contact-points/verify/%FF%FE")).status_code == 404


async def test_a_link_that_a_later_mail_replaced_does_not_work(service: Service) -> None:
    bo = fresh("bo")
    old, new = f"{bo}@example.org", f"{bo}@example.net"
    await service.call(bo, "PUT", "/contact-points", {"email": old})
    link = await service.link_for(old)
    await service.call(bo, "PUT", "/contact-points", {"email": new})
    assert (await service.client.post(f"/v1/{link}")).status_code == 409
    assert (await service.client.post(f"/v1/{await service.link_for(new)}")).status_code == 200


async def test_a_repeat_with_the_same_key_gives_the_same_answer_and_no_second_mail(service: Service) -> None:
    cy = fresh("cy")
    address = f"{cy}@example.org"
    answers = [
        await service.call(cy, "PUT", "/contact-points", {"email": address}, idempotency_key="once") for _ in range(3)
    ]
    assert len({answer.text for answer in answers}) == 1
    other = await service.call(cy, "PUT", "/contact-points", {"email": "x@example.org"}, idempotency_key="once")
    assert other.status_code == 422
    await service.call(cy, "PUT", "/contact-points", {"email": address})
    await service.link_for(address, mails=2)
    assert len(service.box.newest(to=address)) == 2


async def test_nobody_can_flood_a_stranger(service: Service) -> None:
    eve = fresh("eve")
    answers = [await service.call(eve, "PUT", "/contact-points", {"email": f"{eve}@example.org"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 86_400 - 600 < int(answers[-1].headers["retry-after"]) <= 86_400


async def test_what_is_no_address_is_refused_without_being_quoted(service: Service) -> None:
    for wrong in ("nobody", "a@b", "a b@example.org", "a@example.org\r\nBcc: b@example.org", 7):
        answer = await service.call(fresh("dan"), "PUT", "/contact-points", {"email": wrong})
        assert (answer.status_code, str(wrong) in answer.text) == (422, False)
    assert (await service.call(fresh("dan"), "PUT", "/contact-points", {"mail": "a@example.org"})).status_code == 422


async def test_a_removed_address_gets_no_mail_but_the_inbox_does(service: Service) -> None:
    fay, olga, park, moms = fresh("fay"), fresh("olga"), fresh("park"), fresh("moms")
    address = await service.reachable(fay)
    removed = await service.call(fay, "PUT", "/contact-points", {"email": None})
    assert (removed.json()["email"], removed.json()["verified"]) == (None, False)
    await service.publish("group.created", group(moms, olga), subject=moms)
    await service.publish("event.published", event(park, moms, olga), subject=park)
    await service.publish("rsvp.confirmed", rsvp(park, moms, fay, 1, "yes"), subject=park, actor=fay)
    [line] = await eventually(lambda: service.inbox(fay))
    assert await service.database["mails"].find({"member_id": fay, "event_id": line["event_id"]}) == []
    assert service.mails(address) == []


async def test_an_address_is_nowhere_in_clear(service: Service) -> None:
    gil = fresh("gil")
    address = await service.reachable(gil)
    for name in await service.database.collections():
        for document in await service.database[name].find({}):
            assert address not in _texts(document), name


def _texts(value: Any) -> str:
    return repr(value)


async def test_an_address_is_sealed_once_more_in_the_journal(service: Service) -> None:
    dee = fresh("dee")
    await service.call(dee, "PUT", "/contact-points", {"email": f"{dee}@example.org"})
    account = await service.database["accounts"].find_one({"_id": dee})
    assert account is not None
    kept = [await service.database[name].find({}) for name in ("journal", "results", "handoffs")]
    assert account["address"]["sealed"] not in repr(kept)
    assert await service.database["keys"].count({"_id": dee}) == 1
