"""Events of groups, as their own service describes them."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from chassis.mongo import Document
from contracts.events import EventState
from groups_service.store.activity import ACTIVITY, ACTIVITY_EVENTS, EVENT_FIELDS, counted, event_row, gone_row


async def on_event(batch: Sequence[Received[EventState]], effects: Effects) -> None:
    """Keep what counts of each event, and count anew what the groups concerned have."""
    last = {received.subject: received for received in batch}
    before = await effects.find(ACTIVITY_EVENTS, {"_id": {"$in": sorted(last)}}, fields={"group_id": 1})
    groups = {row["group_id"] for row in before if "group_id" in row}
    for event_id, received in last.items():
        body = received.body
        if body is None:
            effects.put(ACTIVITY_EVENTS, gone_row(event_id, received.sequence))
        else:
            effects.put(ACTIVITY_EVENTS, event_row(body, received.sequence))
            groups.add(body.group_id)
    where: Document = {"group_id": {"$in": sorted(groups)}}
    if effects.build is not None:  # the others may be gone: what this reading has seen is all there is
        where["build"] = effects.build
    rows = await effects.find(ACTIVITY_EVENTS, where, fields=EVENT_FIELDS)
    for group_id in sorted(groups):
        effects.put(ACTIVITY, counted(group_id, rows))
