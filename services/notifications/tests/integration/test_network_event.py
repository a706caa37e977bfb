"""Who hears that a network event was made for their chapter."""

from datetime import UTC, datetime

from contracts.events import NetworkEventMade
from testkit import eventually

from .community import group, membership
from .conftest import Service, fresh


def made(group_id: str, event_id: str, status: str) -> NetworkEventMade:
    return NetworkEventMade(
        event_id=event_id,
        group_id=group_id,
        network_id="network",
        network_event_id="one",
        title="Lightning talks",
        starts_at_utc=datetime(2027, 5, 5, 22, 30, tzinfo=UTC),
        timezone="America/New_York",
        status=status,
    )


async def test_a_draft_is_told_to_those_who_may_edit_it_though_nobody_else_hears_of_drafts(service: Service) -> None:
    olga, evi, ada, mia, moms = (fresh(name) for name in ("olga", "evi", "ada", "mia", "moms"))
    address = await service.reachable(evi)
    told = await service.publish("group.created", group(moms, olga), subject=moms)
    await service.reached("groups.group.v1", moms, told)
    for who, role in ((olga, "organizer"), (evi, "event_organizer"), (ada, "co_organizer"), (mia, "member")):
        body = membership(moms, who, "active", role=role)
        told = await service.publish("membership.joined", body, subject=moms, key=f"{moms}:{who}", actor=who)
    await service.reached("groups.membership.v1", moms, told)
    event = fresh("event")
    await service.publish("network-event.made", made(moms, event, "draft"), subject=event, actor=ada)
    [line] = await eventually(lambda: service.inbox(evi))
    assert (line["kind"], line["group_id"], line["event_id"]) == ("network.event", moms, event)
    assert line["text"].endswith("It is a draft.")
    assert "Wednesday, May 5, 2027, 6:30" in line["text"]
    assert [one["kind"] for one in await service.inbox(olga)] == ["network.event"]
    [mail] = await eventually(lambda: service.mails(address))
    assert mail.summary()["subject"] == "A network event for Jersey City Moms: Lightning talks"
    assert await service.inbox(mia) == []
    assert await service.inbox(ada) == [], "nobody is told about their own act"


async def test_a_group_whose_leaders_are_not_known_yet_tells_its_organizer(service: Service) -> None:
    olga, moms, event = fresh("olga"), fresh("moms"), fresh("event")
    told = await service.publish("group.created", group(moms, olga), subject=moms)
    await service.reached("groups.group.v1", moms, told)
    await service.publish("network-event.made", made(moms, event, "published"), subject=event, actor="ada")
    [line] = await eventually(lambda: service.inbox(olga))
    assert (line["kind"], line["event_id"]) == ("network.event", event)
    assert "draft" not in line["text"]
