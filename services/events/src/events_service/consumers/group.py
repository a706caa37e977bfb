"""Groups, as their own service describes them; one that goes private takes its RSVPs off the public stream."""

from collections.abc import AsyncIterator, Sequence

from chassis.consumers import Effects, Received, asked_by
from chassis.journal import Command
from chassis.journal.port import Ask
from chassis.mongo import Database
from contracts.groups import GroupState
from events_service.handlers.sight import group_went_private
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
    for group_id, received in last.items():
        body = received.body
        effects.put(GROUPS, gone_document(group_id, received.sequence) if body is None else group_document(body))


async def overdue_of_groups(database: Database, ask: Ask) -> AsyncIterator[list[Command]]:
    """For those that went private while nobody listened."""
    async for found in groups_still_shown(database):
        yield [group_went_private(ask, sight_aggregate(group_id), group_id) for group_id in found]
