"""From an RSVP on its topic to the inbox and the mail."""

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
