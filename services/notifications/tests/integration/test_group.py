"""What the members of a group hear of the group itself."""

from datetime import timedelta
from functools import partial

from chassis.clock import utc_now
from contracts.groups import Succession
from testkit import eventually

from .community import group, membership
from .conftest import Service, fresh


async def founded(service: Service, *members: str) -> tuple[str, str]:
    """A group with its organizer and members, all of whom are known."""
    olga, moms = fresh("olga"), fresh("moms")
    known = await service.publish("group.created", group(moms, olga), subject=moms)
    await service.reached("groups.group.v1", moms, known)
    for who, role in ((olga, "organizer"), *((name, "member") for name in members)):
        body = membership(moms, who, "active", role=role)
        last = await service.publish("membership.joined", body, subject=moms, key=f"{moms}:{who}", actor=who)
    await service.reached("groups.membership.v1", moms, last)
    return moms, olga


async def test_all_members_but_who_did_it_hear_that_their_group_went_private(service: Service) -> None:
    ada, bo = fresh("ada"), fresh("bo")
    address = await service.reachable(ada)
    moms, olga = await founded(service, ada, bo)
    hidden = group(moms, olga, visibility="private", version=2)
    await service.publish("group.went-private", hidden, subject=moms, actor=olga)
    renamed = group(moms, olga, visibility="private", name="Moms", version=3)
    last = await service.publish("group.changed", renamed, subject=moms, actor=olga)
    for who in (ada, bo):
        [line] = await eventually(partial(service.inbox, who))
        assert (line["kind"], line["group_id"], line["event_id"]) == ("group.went-private", moms, None)
    [mail] = await eventually(lambda: service.mails(address))
    assert mail.summary()["subject"].endswith("Moms is private now")
    await service.reached("groups.group.v1", moms, last)
    assert await service.database["spreads"].count({"group_id": moms}) == 1
    assert await service.inbox(olga) == []


async def test_those_who_may_step_up_hear_that_an_organizer_is_needed(service: Service) -> None:
    ada, bo = fresh("ada"), fresh("bo")
    address = await service.reachable(ada)
    moms, olga = await founded(service, ada, bo)
    left = membership(moms, olga, "left", was="active", version=2)
    last = await service.publish("membership.left", left, subject=moms, key=f"{moms}:{olga}", actor=olga)
    await service.reached("groups.membership.v1", moms, last)
    closes_at = utc_now() + timedelta(days=30)
    vacant = Succession(freezes_at=closes_at - timedelta(days=15), closes_at=closes_at)
    alone = group(moms, olga, organizer_id=None, status="grace", succession=vacant, version=2)
    await service.publish("group.organizer-left", alone, subject=moms, actor=olga)
    for who in (ada, bo):
        [line] = await eventually(partial(service.inbox, who))
        assert line["kind"] == "group.needs-organizer"
        assert line["closes_at"].startswith(closes_at.isoformat()[:19])
    [mail] = await eventually(lambda: service.mails(address))
    assert mail.summary()["subject"] == "Jersey City Moms needs an organizer"
    assert "(America/New_York)" in mail.whole()["text"]
    assert await service.inbox(olga) == []
