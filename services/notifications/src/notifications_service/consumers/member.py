"""groups.member.v1: what members are called and which language they read. What was said of somebody before their
erasure began is as good as deleted, whenever it is read."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from chassis.privacy import erased, erasures_of
from contracts.groups import MemberState
from notifications_service.store.projection import MEMBERS, gone, kept


async def on_members(messages: Sequence[Received[MemberState]], effects: Effects) -> None:
    [cases] = await effects.read(erasures_of(message.subject for message in messages))
    since = erased(cases)
    for message in messages:
        member, begun = message.body, since.get(message.subject)
        if member is None or (begun is not None and message.time <= begun):
            effects.put(MEMBERS, gone(message.subject, message.sequence))
            continue
        state = {"name": member.name, "locale": member.locale, "timezone": member.timezone, "at": message.time}
        effects.put(MEMBERS, kept(member.member_id, message.sequence, state))
