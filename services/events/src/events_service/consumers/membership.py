"""Memberships, and what their changes mean for RSVPs (how no RSVP slips through: handlers/membership.py)."""

from collections.abc import AsyncIterator, Sequence

from chassis.consumers import Effects, Received, asked_by
from chassis.journal import Command
from chassis.journal.port import Ask
from chassis.mongo import Database
from contracts.groups import MembershipState
from events_service.domain.membership import GONE
from events_service.handlers.membership import settle_command
from events_service.handlers.rsvp import release_command
from events_service.store.membership import sweep_aggregate, unsettled
from events_service.store.projection import MEMBERSHIPS, gone_document, membership_document


async def on_membership(batch: Sequence[Received[MembershipState]], effects: Effects) -> None:
    for received in batch:
        body = received.body
        if body is None:
            if received.key is not None:
                effects.put(MEMBERSHIPS, gone_document(received.key, received.sequence))
            continue
        if body.refused is not None:
            ask = asked_by("events", received)
            # the RSVP is not meant if it was decided anew with a later membership in view
            below = body.version + 1
            effects.handoff(release_command(ask, body.refused.event_id, body.member_id, below=below))
            if body.state == "none":
                continue
        # also with a refusal: it may be the one message about this membership that compaction has left
        effects.put(MEMBERSHIPS, membership_document(body))
        if body.refused is not None:
            continue
        if body.state == "active" or body.state in GONE:
            command = settle_command(
                asked_by("events", received, first=True),
                sweep_aggregate(body.group_id, body.member_id),
                group_id=body.group_id,
                member_id=body.member_id,
                state=body.state,
                version=body.version,
            )
            effects.handoff(command)


async def overdue_of_memberships(database: Database, ask: Ask) -> AsyncIterator[list[Command]]:
    """For those that began or ended while nobody listened."""
    async for found in unsettled(database):
        yield [
            settle_command(
                ask,
                sweep_aggregate(one["group_id"], one["member_id"]),
                group_id=one["group_id"],
                member_id=one["member_id"],
                state=one["state"],
                version=one["version"],
            )
            for one in found
        ]
