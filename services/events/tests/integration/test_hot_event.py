"""Many people at once on one event, and the books meanwhile and afterwards."""

import asyncio
import random
import secrets

from chassis.reconcile import Report
from events_service.app import own
from testkit import eventually

from .running import Service

PEOPLE = 150


async def test_many_people_at_once_never_oversell_an_event(service: Service) -> None:
    olga, group_id = service.person("olga"), f"g{secrets.token_hex(4)}"
    await service.groups.group(group_id, olga.id or "")
    event_id = await service.event(olga, group_id, capacity=20)
    people = [service.person(f"p{n}") for n in range(PEOPLE)]
    chance = random.Random(7)

    async def answers(number: int) -> None:
        person = people[number]
        await person.rsvp(event_id, guests=chance.randrange(3))
        if number % 3 == 0:
            await person.rsvp(event_id, "no")
        if number % 4 == 0:
            await person.rsvp(event_id, guests=0)

    answering = asyncio.gather(*(answers(number) for number in range(PEOPLE)))
    while not answering.done():
        report = await own(service.settings).reconciled()
        assert report.sound, report.document()
    await answering
    raised = await olga("PATCH", f"/events/{event_id}", {"capacity": 90}, if_match='"2"')
    assert raised.status_code == 200, raised.text

    async def drained() -> bool:
        ledger = await service.database["ledgers"].find_one({"_id": event_id})
        return ledger is not None and not ledger["due"]

    await eventually(drained, within=20)
    event = (await olga("GET", f"/events/{event_id}")).json()
    assert event["seats_used"] <= 90
    assert event["waitlist_length"] == 0 or event["seats_used"] >= 88

    async def settled() -> Report | None:
        report = await own(service.settings).reconciled()
        assert report.sound, report.document()
        return report if report.settled else None

    await eventually(settled, within=30, every=0.5)
