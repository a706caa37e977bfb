"""From an RSVP on its topic to the inbox and the mail."""

from datetime import UTC, datetime

from testkit import eventually

from .community import event, group, rsvp
from .conftest import Service, fresh


async def test_an_rsvp_makes_one_inbox_line_and_one_mail(service: Service) -> None:
    ada, olga, park, moms = fresh("ada"), fresh("olga"), fresh("park"), fresh("moms")
    address = await service.reachable(ada)
    await service.publish("group.created", group(moms, olga), subject=moms)
    await service.publish("event.published", event(park, moms, olga), subject=park)
    first = rsvp(park, moms, ada, 1, "yes", guests=1)
    sequence = await service.publish("rsvp.confirmed", first, subject=park, actor=ada)
    [line] = await eventually(lambda: service.inbox(ada))
    assert (line["kind"], line["event_id"], line["guests"], line["read"]) == ("rsvp.confirmed", park, 1, False)
    await eventually(lambda: service.mails(address))
    await service.publish.again("rsvp.confirmed", first, subject=park, sequence=sequence, actor=ada)
    await service.publish("rsvp.declined", rsvp(park, moms, ada, 2, "no", was="yes"), subject=park, actor=ada)
    done = f"events.rsvp.v1:{park}@2"
    assert (await service.call(ada, "GET", "/inbox", x_convene_position=done)).json()["items"][0]["id"] == line["id"]
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
    assert len(await service.inbox(ada)) == 1


async def test_a_seat_held_for_somebody_and_lost_is_told_with_its_time(service: Service) -> None:
    ada, olga, park, moms = fresh("ada"), fresh("olga"), fresh("park"), fresh("moms")
    await service.publish("group.created", group(moms, olga), subject=moms)
    await service.publish("event.published", event(park, moms, olga), subject=park)
    until = datetime(2026, 11, 30, 6, tzinfo=UTC)
    held = rsvp(park, moms, ada, 1, "offered", was="waitlist", offer_id=f"{park}.1", offer_expires_at=until)
    await service.publish("rsvp.offered", held, subject=park)
    [line] = await eventually(lambda: service.inbox(ada))
    assert (line["kind"], datetime.fromisoformat(line["until"])) == ("rsvp.offered", until)
    assert "until Monday, November 30, 2026" in line["text"]
    await service.publish("rsvp.expired", rsvp(park, moms, ada, 2, "no", was="offered"), subject=park)

    async def told() -> bool:
        return [line["kind"] for line in await service.inbox(ada)] == ["rsvp.offer-expired", "rsvp.offered"]

    await eventually(told)
