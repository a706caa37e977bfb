"""From an RSVP on its topic to the inbox and the mail."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import utc_now
from testkit import eventually

from .community import event, group, rsvp
from .conftest import Service, fresh


async def known(service: Service, park: str, moms: str, olga: str) -> None:
    """The group and its published event, once this service knows of them."""
    told = await service.publish("group.created", group(moms, olga), subject=moms)
    await service.reached("groups.group.v1", moms, told)
    told = await service.publish("event.published", event(park, moms, olga), subject=park)
    await service.reached("events.event.v1", park, told)


async def test_an_rsvp_makes_one_inbox_line_and_one_mail(service: Service) -> None:
    ada, olga, park, moms = fresh("ada"), fresh("olga"), fresh("park"), fresh("moms")
    address = await service.reachable(ada)
    await known(service, park, moms, olga)
    first = rsvp(park, moms, ada, 1, "yes", guests=1)
    sequence = await service.publish("rsvp.confirmed", first, subject=park, actor=ada)
    [line] = await eventually(lambda: service.inbox(ada))
    assert (line["kind"], line["event_id"], line["guests"], line["read"]) == ("rsvp.confirmed", park, 1, False)
    await eventually(lambda: service.mails(address))
    await service.publish.again("rsvp.confirmed", first, subject=park, sequence=sequence, actor=ada)
    await service.publish("rsvp.declined", rsvp(park, moms, ada, 2, "no", was="yes"), subject=park, actor=ada)
    await service.reached("events.rsvp.v1", park, 2)
    assert [one["id"] for one in await service.inbox(ada)] == [line["id"]]
    [mail] = service.mails(address)
    message = mail.parsed()
    assert message["Subject"] == "You are going: Picnic in the park"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"] == address
    assert message["List-Id"] == f'"Jersey City Moms" <{moms}.groups.convene.localhost>'
    text, html = mail.whole()["text"], mail.whole()["html"]
    for words in ("You and one guest are going", "Van Vorst Park, 257 Montgomery St", "America/New_York"):
        assert words in text
        assert words in html


async def test_who_is_noted_as_a_walk_in_after_an_event_is_not_told_that_they_are_going(service: Service) -> None:
    ada, olga, park, moms = fresh("ada"), fresh("olga"), fresh("park"), fresh("moms")
    address = await service.reachable(ada)
    await service.publish("group.created", group(moms, olga), subject=moms)
    seq = await service.publish("event.ended", event(park, moms, olga, status="past"), subject=park)
    await service.reached("events.event.v1", park, seq)
    await service.publish("rsvp.admitted", rsvp(park, moms, ada, 1, "yes"), subject=park, actor=olga)
    lines = await eventually(lambda: service.inbox(ada))
    [line] = [line for line in lines if line["kind"] == "rsvp.confirmed"]
    assert line["text"].startswith("You had a place at Picnic in the park")

    async def dropped() -> bool:
        mail = await service.database["mails"].find_one({"member_id": ada, "kind": "rsvp.confirmed"})
        return mail is not None and mail.get("why") == "superseded"

    await eventually(dropped)
    assert not [mail for mail in service.mails(address) if mail.summary()["subject"].startswith("You are going")]


async def test_a_seat_held_for_somebody_and_lost_is_told_with_its_time(service: Service) -> None:
    ada, olga, park, moms = fresh("ada"), fresh("olga"), fresh("park"), fresh("moms")
    await known(service, park, moms, olga)
    until = datetime(2099, 11, 30, 6, tzinfo=UTC)
    held = rsvp(park, moms, ada, 1, "offered", was="waitlist", offer_id=f"{park}.1", offer_expires_at=until)
    await service.publish("rsvp.offered", held, subject=park)
    [line] = await eventually(lambda: service.inbox(ada))
    assert (line["kind"], datetime.fromisoformat(line["until"])) == ("rsvp.offered", until)
    assert "until Monday, November 30, 2099" in line["text"]
    await service.publish("rsvp.expired", rsvp(park, moms, ada, 2, "no", was="offered"), subject=park)

    async def told() -> bool:
        return [line["kind"] for line in await service.inbox(ada)] == ["rsvp.offer-expired", "rsvp.offered"]

    await eventually(told)


async def held_for(service: Service, *, minutes: int, holds: int) -> tuple[str, str, str]:
    """An offer to ada, made so many minutes ago and holding so many: ada, the event, its group."""
    ada, olga, park, moms = fresh("ada"), fresh("olga"), fresh("park"), fresh("moms")
    await known(service, park, moms, olga)
    made = utc_now() - timedelta(minutes=minutes)
    until = made + timedelta(minutes=holds)
    held = rsvp(park, moms, ada, 1, "offered", was="waitlist", offer_id=f"{park}.1", offer_expires_at=until)
    await service.publish("rsvp.offered", held, subject=park, at=made)
    return ada, park, moms


async def recall(service: Service, park: str) -> dict[str, Any] | None:
    return await service.database["spreads"].find_one({"event_id": park, "kind": "rsvp.offer-expiring"})


async def gone_through(service: Service, park: str) -> dict[str, Any] | None:
    found = await recall(service, park)
    return found if found is not None and "due_at" not in found else None


async def test_an_offer_that_nobody_answers_is_recalled_before_it_expires(service: Service) -> None:
    ada, park, _ = await held_for(service, minutes=100, holds=120)

    async def told() -> bool:
        return [line["kind"] for line in await service.inbox(ada)] == ["rsvp.offer-expiring", "rsvp.offered"]

    await eventually(told)
    assert await eventually(lambda: gone_through(service, park)), "once, and nobody looks again"


async def test_an_offer_is_not_recalled_before_its_time(service: Service) -> None:
    ada, park, _ = await held_for(service, minutes=1, holds=120)
    waiting = await eventually(lambda: recall(service, park))
    assert waiting is not None
    assert timedelta(minutes=85) < waiting["due_at"] - utc_now() < timedelta(minutes=90)
    assert [line["kind"] for line in await service.inbox(ada)] == ["rsvp.offered"]


@pytest.mark.parametrize("ends", ["accepted", "declined", "expired", "cancelled"])
async def test_an_offer_that_was_answered_or_is_over_is_not_recalled(service: Service, ends: str) -> None:
    ada, park, moms = await held_for(service, minutes=1, holds=30 if ends == "expired" else 120)
    await eventually(lambda: recall(service, park))
    if ends == "accepted":
        await service.publish("rsvp.promoted", rsvp(park, moms, ada, 2, "yes", was="offered"), subject=park)
    elif ends == "declined":
        await service.publish("rsvp.declined", rsvp(park, moms, ada, 2, "no", was="offered"), subject=park)
    elif ends == "cancelled":
        off = event(park, moms, ada, status="cancelled", version=2)
        await service.publish("event.cancelled", off, subject=park, actor=ada)

    async def known() -> bool:
        held = await service.database["rsvps"].find_one({"event_id": park, "member_id": ada})
        there = await service.database["events"].find_one({"_id": park})
        answered = held is not None and held["state"] != "offered"
        return answered or ends == "expired" or (there is not None and there["status"] == "cancelled")

    await eventually(known)
    due: dict[str, Any] = {"due_at": utc_now()}
    if ends == "expired":
        due["details"] = {"guests": 0, "until": utc_now().isoformat()}
    await service.database["spreads"].update_one({"event_id": park, "kind": "rsvp.offer-expiring"}, {"$set": due})
    assert await eventually(lambda: gone_through(service, park))
    assert "rsvp.offer-expiring" not in [line["kind"] for line in await service.inbox(ada)]
