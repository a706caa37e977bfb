"""Who hears of a request to join, and of its approval."""

from testkit import eventually

from .community import group, member, membership
from .conftest import Service, fresh


async def test_a_request_tells_the_leaders_of_people_and_an_approval_the_member(service: Service) -> None:
    olga, coco, evi, ada, moms = (fresh(name) for name in ("olga", "coco", "evi", "ada", "moms"))
    address = await service.reachable(olga)
    await service.publish("group.created", group(moms, olga), subject=moms)
    await service.publish("member.changed", member(ada, "Ada L."), subject=ada)

    async def belongs(kind: str, who: str, state: str, actor: str, **changes: object) -> None:
        body = membership(moms, who, state, **changes)
        await service.publish(f"membership.{kind}", body, subject=moms, key=f"{moms}:{who}", actor=actor)

    await belongs("joined", olga, "active", olga, role="organizer")
    await belongs("joined", coco, "active", coco, role="co_organizer")
    await belongs("joined", evi, "active", evi, role="event_organizer")
    await belongs("requested", ada, "pending", ada)
    [line] = await eventually(lambda: service.inbox(olga))
    assert (line["kind"], line["member_id"], line["group_id"]) == ("join.asked", ada, moms)
    assert [line["kind"] for line in await service.inbox(coco)] == ["join.asked"]
    [mail] = await eventually(lambda: service.mails(address))
    assert mail.summary()["subject"] == "Ada L. asks to join Jersey City Moms"
    await belongs("joined", ada, "active", olga, approved=True, version=2)
    [line] = await eventually(lambda: service.inbox(ada))
    assert (line["kind"], line["text"]) == ("join.approved", "You are now a member of Jersey City Moms.")
    assert await service.inbox(evi) == []
    assert len(await service.inbox(olga)) == 1


async def test_a_group_whose_leaders_are_not_known_yet_tells_its_organizer(service: Service) -> None:
    olga, bo, moms = fresh("olga"), fresh("bo"), fresh("moms")
    told = await service.publish("group.created", group(moms, olga), subject=moms)
    await service.call(olga, "GET", "/inbox", x_convene_position=f"groups.group.v1:{moms}@{told}")
    asked = membership(moms, bo, "pending")
    await service.publish("membership.requested", asked, subject=moms, key=f"{moms}:{bo}", actor=bo)
    [line] = await eventually(lambda: service.inbox(olga))
    assert (line["kind"], line["member_id"]) == ("join.asked", bo)
