"""privacy.receipts.v1 and privacy.exports.v1: what the services have done of a request, and sent for it."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received, asked_by
from contracts.privacy import ExportChunk, PrivacyReceipt
from groups_service.handlers.privacy import receive
from groups_service.views.privacy import CHUNKS, chunk_id


async def on_receipts(batch: Sequence[Received[PrivacyReceipt]], effects: Effects) -> None:
    for received in batch:
        body = received.body
        if body is not None:
            ask = asked_by("groups", received)
            command = receive(
                ask,
                body.request_id,
                service=body.service,
                returned=body.returned,
                attempt=body.attempt,
                chunks=body.chunks,
                issued_at=body.issued_at,
            )
            effects.handoff(command)


async def on_chunks(batch: Sequence[Received[ExportChunk]], effects: Effects) -> None:
    """Kept as they came: sealed. One without a body is of somebody who was forgotten meanwhile."""
    for received in batch:
        body = received.body
        if body is not None:
            id_ = chunk_id(body.request_id, body.service, body.attempt, body.number)
            effects.insert_once(CHUNKS, {"_id": id_, "v": 1, "sealed": body.sealed, "at": received.time})
