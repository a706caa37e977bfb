"""Who hears of requests to join, of what leaders decide about people, and of invitations."""

from datetime import timedelta
from functools import partial

from chassis.clock import utc_now
from chassis.consumers import Effects, Received
from chassis.mongo import InsertOne, connect
from contracts.groups import InvitationGiven, MembershipState, RefusedJoin
from notifications_service.consumers.membership import on_memberships
from notifications_service.store import schema
from testkit import eventually

from .community import event, group, heard, member, membership
from .conftest import Service, fresh


async def test_a_request_tells_the_leaders_of_people_and_an_approval_the_member(service: Service) -> None:
    olga, coco, evi, ada, moms = (fresh(name) for name in ("olga", "coco", "evi", "ada", "moms"))
    address = await service.reachable(olga)
    told = await service.publish("group.created", group(moms, olga), subject=moms)
    await service.reached("groups.group.v1", moms, told)
    told = await service.publish("member.changed", member(ada, "Ada L."), subject=ada)
    await service.reached("groups.member.v1", ada, told)

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
    await service.reached("groups.group.v1", moms, told)
    asked = membership(moms, bo, "pending")
    await service.publish("membership.requested", asked, subject=moms, key=f"{moms}:{bo}", actor=bo)
    [line] = await eventually(lambda: service.inbox(olga))
    assert (line["kind"], line["member_id"]) == ("join.asked", bo)


async def known(service: Service) -> tuple[str, str]:
    """A group that is known here, and its organizer."""
    olga, moms = fresh("olga"), fresh("moms")
    told = await service.publish("group.created", group(moms, olga), subject=moms)
    await service.reached("groups.group.v1", moms, told)
    return moms, olga


async def test_a_no_is_told_to_who_asked(service: Service) -> None:
    ada = fresh("ada")
    address = await service.reachable(ada)
    moms, olga = await known(service)
    key = f"{moms}:{ada}"
    await service.publish("membership.requested", membership(moms, ada, "pending"), subject=moms, key=key, actor=ada)
    no = membership(moms, ada, "removed", was="pending", version=2)
    await service.publish("membership.rejected", no, subject=moms, key=key, actor=olga)
    [line] = await eventually(lambda: service.inbox(ada))
    assert (line["kind"], line["member_id"]) == ("join.refused", None)
    assert line["text"] == "Your request to join Jersey City Moms was not approved."
    [mail] = await eventually(lambda: service.mails(address))
    assert mail.summary()["subject"] == "Your request to join Jersey City Moms"


async def test_who_is_banned_hears_what_who_is_removed_hears_and_never_more(service: Service) -> None:
    removed, banned = fresh("rem"), fresh("ban")
    addresses = [await service.reachable(who) for who in (removed, banned)]
    moms, olga = await known(service)
    for happened, who in (("removed", removed), ("banned", banned)):
        key = f"{moms}:{who}"
        await service.publish("membership.joined", membership(moms, who, "active"), subject=moms, key=key, actor=who)
        out = membership(moms, who, happened, was="active", version=2)
        last = await service.publish(f"membership.{happened}", out, subject=moms, key=key, actor=olga)
    later = MembershipState(
        group_id=moms, member_id=banned, state="banned", version=2, refused=RefusedJoin(event_id="e", reason="banned")
    )
    last = await service.publish("membership.join-refused", later, subject=moms, key=f"{moms}:{banned}", actor=banned)
    await service.reached("groups.membership.v1", moms, last)
    one, other = [await service.inbox(who) for who in (removed, banned)]
    assert [len(one), len(other)] == [1, 1]
    own = dict.fromkeys(("id", "line_id", "at", "created_at", "updated_at"))
    assert one[0] | own == other[0] | own
    assert one[0]["text"] == "You are no longer a member of Jersey City Moms."
    [mail], [same] = [await eventually(partial(service.mails, address)) for address in addresses]
    assert mail.summary()["subject"] == same.summary()["subject"]
    assert mail.whole()["text"] == same.whole()["text"]


async def test_roles_and_invitations_are_told_to_whom_they_are_given(service: Service) -> None:
    ada, guest = fresh("ada"), fresh("guest")
    address = await service.reachable(guest)
    moms, olga = await known(service)
    await service.publish("member.changed", member(olga, "Olga"), subject=olga)
    key = f"{moms}:{ada}"
    await service.publish("membership.joined", membership(moms, ada, "active"), subject=moms, key=key, actor=ada)
    helps = membership(moms, ada, "active", role="co_organizer", version=2)
    await service.publish("membership.role-changed", helps, subject=moms, key=key, actor=olga)
    [line] = await eventually(lambda: service.inbox(ada))
    assert (line["kind"], line["role"]) == ("role.changed", "co_organizer")
    assert line["text"] == "You are now a co-organizer of Jersey City Moms."
    given = InvitationGiven(token="word", by=olga, expires_at=utc_now() + timedelta(days=14))
    invited = membership(moms, guest, "none", version=0, invitation=given)
    await service.publish("membership.invited", invited, subject=moms, key=f"{moms}:{guest}", actor=olga)
    [line] = await eventually(lambda: service.inbox(guest))
    assert (line["kind"], line["token"], line["member_id"]) == ("group.invited", "word", olga)
    [mail] = await eventually(lambda: service.mails(address))
    assert mail.summary()["subject"].endswith("invites you to Jersey City Moms")
    assert await service.database["memberships"].count({"_id": f"{moms}:{guest}"}) == 0


async def test_who_could_not_join_by_an_rsvp_hears_why(service: Service) -> None:
    ada, park = fresh("ada"), fresh("park")
    moms, olga = await known(service)
    await service.publish("event.published", event(park, moms, olga), subject=park, actor=olga)
    refused = RefusedJoin(event_id=park, reason="photo-required")
    body = membership(moms, ada, "none", version=0, refused=refused)
    await service.publish("membership.join-refused", body, subject=moms, key=f"{moms}:{ada}", actor=ada)
    [line] = await eventually(lambda: service.inbox(ada))
    assert (line["kind"], line["event_id"], line["reason"]) == ("join.refused", park, "photo-required")


async def test_who_leads_no_more_by_the_same_batch_is_not_told_who_asks(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    roles = {"olga": "organizer", "bo": "assistant_organizer", "cy": "assistant_organizer"}
    rows = [
        {"_id": f"moms:{who}", "member_id": who, "group_id": "moms", "state": "active", "role": role, "leads": True}
        for who, role in roles.items()
    ]
    await database["memberships"].write([InsertOne(row) for row in rows])

    def told(sequence: int, what: str, who: str, body: MembershipState | None) -> Received[MembershipState]:
        key, actor, kind = f"moms:{who}", "olga" if what == "banned" else who, f"membership.{what}"
        return heard(MembershipState.topic, kind, sequence, subject="moms", key=key, actor=actor, body=body)

    async with database.transaction() as session:
        effects = Effects(database, session)
        batch = [
            told(1, "banned", "bo", membership("moms", "bo", "banned", version=2)),
            told(2, "erased", "cy", None),
            told(3, "requested", "ada", membership("moms", "ada", "pending")),
        ]
        await on_memberships(batch, effects)
        await effects.send()
    asked = await database["inbox"].find({"kind": "join.asked"})
    assert [line["member_id"] for line in asked] == ["olga"]
    database.close()
