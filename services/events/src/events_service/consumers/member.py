"""Members' profiles: the first message about a member brings the number that their public RSVPs wait for, and whoever
hides or shows their attendance changes what the public sees."""

from collections.abc import AsyncIterator, Sequence

from chassis.consumers import Effects, Received, asked_by
from chassis.journal import Command
from chassis.journal.port import Ask
from chassis.mongo import Database, Document
from contracts.groups import MemberState
from events_service.handlers.person import number_arrived_command
from events_service.handlers.sight import member_seen_otherwise
from events_service.store.person import arrived_unheard
from events_service.store.projection import MEMBERS, gone_document, member_document, person_of
from events_service.store.sight import members_still_shown, sight_aggregate


async def on_member(batch: Sequence[Received[MemberState]], effects: Effects) -> None:
    """Keep the last state of each member; what waits for a number goes on when it arrives."""
    first = {received.subject: received for received in reversed(batch)}
    last = {received.subject: received for received in batch}
    known = await effects.find(MEMBERS, {"_id": {"$in": sorted(last)}})
    was_seen = {document["_id"]: _is_seen(document) for document in known}
    for member_id, received in last.items():
        body = received.body
        document = gone_document(member_id, received.sequence) if body is None else member_document(body)
        effects.put(MEMBERS, document)
        # whoever hides before anything is known of them had nothing shown
        if was_seen.get(member_id, _is_seen(document)) != _is_seen(document):
            ask = asked_by("events", received, first=True)
            effects.handoff(member_seen_otherwise(ask, sight_aggregate(member_id), member_id))
    for member_id, received in first.items():
        if member_id not in was_seen:
            effects.handoff(number_arrived_command(asked_by("events", received), member_id))


async def overdue_of_members(database: Database, ask: Ask) -> AsyncIterator[list[Command]]:
    """For those who hid, or whose number came, while nobody listened."""
    async for found in members_still_shown(database):
        yield [member_seen_otherwise(ask, sight_aggregate(member_id), member_id) for member_id in found]
    async for found in arrived_unheard(database):
        yield [number_arrived_command(ask, member_id) for member_id in found]


def _is_seen(document: Document) -> bool:
    person = person_of(document)
    return person is not None and person.attendance == "everyone"
