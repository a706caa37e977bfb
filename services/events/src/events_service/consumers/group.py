"""Groups, as their own service describes them. One that goes private takes its RSVPs off the public stream; one that
leaves its network keeps its copies of network events as its own."""

from collections.abc import AsyncIterator, Mapping, Sequence

from chassis.consumers import Effects, Received, asked_by
from chassis.journal import Command
from chassis.journal.port import Ask
from chassis.mongo import Database
from contracts.groups import GroupState
from events_service.handlers.network_event import leave_command, reach_command
from events_service.handlers.sight import group_went_private
from events_service.store.network_event import CHAPTERS, gone_elsewhere
from events_service.store.projection import GROUPS, gone_document, group_document
from events_service.store.sight import groups_still_shown, sight_aggregate


async def on_group(batch: Sequence[Received[GroupState]], effects: Effects) -> None:
    """Keep the last state of each group."""
    last = {received.subject: received for received in batch}
    private = [id_ for id_, received in last.items() if received.body and received.body.visibility == "private"]
    before = await effects.find(GROUPS, {"_id": {"$in": private}, "visibility": "public"}, fields={"_id": 1})
    for document in before:
        ask = asked_by("events", last[document["_id"]], first=True)
        effects.handoff(group_went_private(ask, sight_aggregate(document["_id"]), document["_id"]))
    await _leave(last, effects)
    for group_id, received in last.items():
        body = received.body
        effects.put(GROUPS, gone_document(group_id, received.sequence) if body is None else group_document(body))


async def _leave(last: Mapping[str, Received[GroupState]], effects: Effects) -> None:
    """Have the network events that the groups have a part in know of it."""
    rows = await effects.find(CHAPTERS, {"group_id": {"$in": sorted(last)}, "state": {"$in": ["planned", "skipped"]}})
    for row in rows:
        received = last[row["group_id"]]
        if received.body is None or received.body.network_id != row["network_id"]:
            ask = asked_by("events", received)
            effects.handoff(leave_command(ask, row["network_event_id"], row["group_id"]))


async def overdue_of_groups(database: Database, ask: Ask) -> AsyncIterator[list[Command]]:
    """For those that went private, or left their network, while nobody listened."""
    async for found in groups_still_shown(database):
        yield [group_went_private(ask, sight_aggregate(group_id), group_id) for group_id in found]
    async for found in gone_elsewhere(database):
        yield [reach_command(ask, network_event_id) for network_event_id in found]
