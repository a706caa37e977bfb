"""groups.member.v1: what members are called and which language they read."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.groups import MemberState
from notifications_service.store.projection import MEMBERS, gone, kept


async def on_members(messages: Sequence[Received[MemberState]], effects: Effects) -> None:
    for message in messages:
        member = message.body
        if member is None:
            effects.put(MEMBERS, gone(message.subject, message.sequence))
            continue
        state = {"name": member.name, "locale": member.locale, "timezone": member.timezone}
        effects.put(MEMBERS, kept(member.member_id, message.sequence, state))
