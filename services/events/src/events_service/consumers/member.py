"""Members' profiles; the first message about a member brings the number that their public RSVPs wait for."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received, asked_by
from contracts.groups import MemberState
from events_service.handlers.person import number_arrived_command
from events_service.store.projection import MEMBERS, gone_document, member_document


async def on_member(batch: Sequence[Received[MemberState]], effects: Effects) -> None:
    """Keep the last state of each member; what waits for a number goes on when it arrives."""
    first = {received.subject: received for received in reversed(batch)}
    last = {received.subject: received for received in batch}
    known = await effects.find(MEMBERS, {"_id": {"$in": sorted(last)}}, fields={"_id": 1})
    for document in known:
        first.pop(document["_id"], None)
    for member_id, received in last.items():
        body = received.body
        effects.put(MEMBERS, gone_document(member_id, received.sequence) if body is None else member_document(body))
    for member_id, received in first.items():
        effects.handoff(number_arrived_command(asked_by("events", received), member_id))
