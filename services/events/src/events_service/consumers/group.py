"""Groups, as their own service describes them."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.groups import GroupState
from events_service.store.projection import GROUPS, gone_document, group_document


async def on_group(batch: Sequence[Received[GroupState]], effects: Effects) -> None:
    """Keep the last state of each group."""
    last = {received.subject: received for received in batch}
    for group_id, received in last.items():
        body = received.body
        effects.put(GROUPS, gone_document(group_id, received.sequence) if body is None else group_document(body))
