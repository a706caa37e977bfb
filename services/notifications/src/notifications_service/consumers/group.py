"""groups.group.v1: what groups are called and who organizes them."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.groups import GroupState
from notifications_service.store.projection import GROUPS, gone, kept


async def on_groups(messages: Sequence[Received[GroupState]], effects: Effects) -> None:
    for message in messages:
        group = message.body
        if group is None:
            effects.put(GROUPS, gone(message.subject, message.sequence))
            continue
        effects.put(
            GROUPS,
            kept(
                group.group_id,
                message.sequence,
                {
                    "name": group.name,
                    "urlname": group.urlname,
                    "timezone": group.timezone,
                    "status": group.status,
                    "organizer_id": group.organizer_id,
                },
            ),
        )
