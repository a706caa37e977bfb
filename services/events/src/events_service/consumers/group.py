"""Groups, as their own service describes them."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from chassis.mongo import ReplaceOne
from contracts.groups import GroupState
from events_service.store.projection import GROUPS, gone_document, group_document


async def on_group(batch: Sequence[Received[GroupState]], effects: Effects) -> None:
    """Keep the last state of each group."""
    last = {received.subject: received.body for received in batch}
    for group_id, body in last.items():
        document = gone_document(group_id) if body is None else group_document(body)
        effects.write(GROUPS, ReplaceOne({"_id": group_id}, document, upsert=True))
