"""groups.membership.v1: who belongs to which group; a request tells its leaders, what leaders decide the member."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from chassis.mongo import Document
from contracts.groups import MembershipState
from notifications_service.consumers.cause import cause_of
from notifications_service.domain.membership import Change, Invitation, Refusal, of_membership
from notifications_service.domain.notice import Notice
from notifications_service.store.notice import tell
from notifications_service.store.people import People
from notifications_service.store.projection import GROUPS, MEMBERSHIPS, gone, membership, membership_id


async def on_memberships(messages: Sequence[Received[MembershipState]], effects: Effects) -> None:
    now = await _known_of(messages, effects)
    asked = {
        message.body.group_id for message in messages if message.body is not None and message.body.state == "pending"
    }
    leaders = await _leaders(asked, effects)
    notices: list[Notice] = []
    changed: dict[str, Document] = {}
    for message in messages:
        body = message.body
        if body is None:
            if message.key is not None:
                effects.put(MEMBERSHIPS, gone(message.key, message.sequence))
                changed.pop(message.key, None)
                now.pop(message.key, None)
                group, _, member = message.key.partition(":")
                leaders.get(group, set()).discard(member)
            continue
        before = now.get(membership_id(body.group_id, body.member_id))
        change = _change(message.type, body, None if before is None else before.get("state"))
        if body.state == "none":
            # an invitation, or an RSVP that was refused its group: nobody belongs to anything by that
            notices += of_membership(change, leaders=(), cause=cause_of(message))
            continue
        after = membership(
            before,
            group_id=body.group_id,
            member_id=body.member_id,
            state=body.state,
            role=body.role,
            at=message.time,
            sequence=message.sequence,
        )
        changed[after["_id"]] = now[after["_id"]] = after
        if after["leads"]:
            leaders.setdefault(body.group_id, set()).add(body.member_id)
        else:
            leaders.get(body.group_id, set()).discard(body.member_id)
        notices += of_membership(change, leaders=leaders.get(body.group_id, set()), cause=cause_of(message))
    for state in changed.values():
        effects.put(MEMBERSHIPS, state)
    await tell(notices, People(effects))


def _change(type_: str, body: MembershipState, known: str | None) -> Change:
    """known: the state before, where it is known here; the message's own word goes before it."""
    invitation, refused = body.invitation, body.refused
    return Change(
        said=type_.split(".")[-2],
        member=body.member_id,
        group=body.group_id,
        state=body.state,
        was=known if body.was is None else body.was,
        role=body.role,
        approved=body.approved,
        invitation=None if invitation is None else Invitation(invitation.token, invitation.by, invitation.expires_at),
        refusal=None if refused is None else Refusal(refused.event_id, refused.reason),
    )


async def _known_of(messages: Sequence[Received[MembershipState]], effects: Effects) -> dict[str, Document]:
    ids = {membership_id(m.body.group_id, m.body.member_id) for m in messages if m.body is not None}
    found = await effects.find(MEMBERSHIPS, {"_id": {"$in": sorted(ids)}})
    return {document["_id"]: document for document in found}


async def _leaders(groups: set[str], effects: Effects) -> dict[str, set[str]]:
    """Who decides about requests; the organizer that the group itself names where no such membership is known yet."""
    if not groups:
        return {}
    leading = await effects.find(MEMBERSHIPS, {"group_id": {"$in": sorted(groups)}, "leads": True})
    leaders: dict[str, set[str]] = {}
    for document in leading:
        leaders.setdefault(document["group_id"], set()).add(document["member_id"])
    unled = groups - leaders.keys()
    if unled:
        for group in await effects.find(GROUPS, {"_id": {"$in": sorted(unled)}}):
            if group.get("organizer_id"):
                leaders[group["_id"]] = {group["organizer_id"]}
    return leaders
