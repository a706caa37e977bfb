"""`moves`: the log of an event's waitlist, one document per move, never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chassis.journal.documents import Documents
from chassis.mongo import Document
from events_service.domain.ledger import Ledger
from events_service.domain.move import Move, Turn, moves_of
from events_service.domain.place import FIRST_ROOM
from events_service.domain.rsvp import Change, Fact

MOVES = "moves"


def write_moves(
    documents: Documents,
    event_id: str,
    change: Change,
    facts: Sequence[Fact],
    *,
    before: Document | None,
    ledger: Ledger,
    now: datetime,
) -> list[Move]:
    """facts: of the whole decision; before: the RSVP as it was; ledger: after the decision. In order."""
    moves = list(
        moves_of(
            change,
            facts,
            at=now,
            lined=change.seq if before is None else lined(before),
            asked=now if before is None else before["asked_at"],
            seats=change.seats if before is None else before["seats"],
            capacity_of=lambda room: ledger.facing(room).capacity,
            # between an offer and its answer nothing is decided about the RSVP
            offered=None if before is None else before["updated_at"],
        )
    )
    for nth, move in enumerate(moves):
        id_ = f"{event_id}:{move.seq}" + (":there" if nth else "")
        documents.put(MOVES, {"_id": id_, "v": 1, "event_id": event_id, **_document(move)})
    return moves


def _document(move: Move) -> Document:
    """What is not so is not there."""
    document: Document = {
        "member_id": move.member_id,
        "seq": move.seq,
        "at": move.at,
        "was": move.was,
        "status": move.status,
        "order": move.order,
        "seats": move.seats,
        "takes": move.takes,
        "lined": move.lined,
        "asked": move.asked,
        "capacity": move.capacity,
    }
    if move.passed:
        document["passed"] = list(move.passed)
    if move.by is not None:
        document |= {"by": move.by, "override": move.override}
    if move.expired:
        document["expired"] = True
    if move.room != FIRST_ROOM:
        document["room"] = move.room
    return document


def move_from(document: Document) -> Move:
    return Move(
        document["seq"],
        document["at"],
        document["member_id"],
        document["was"],
        document["status"],
        document["order"],
        document["seats"],
        document["takes"],
        document["lined"],
        document["asked"],
        document["capacity"],
        tuple(document.get("passed", ())),
        document.get("by"),
        document.get("override", False),
        document.get("expired", False),
        room=document.get("room", FIRST_ROOM),
    )


TURN: Final = ("order", "seats", "lined", "seq", "asked_at", "room")
"""What `turn_of` needs of an RSVP."""


def turn_of(rsvp: Document) -> Turn:
    """Somebody who waits."""
    return Turn(rsvp["order"], rsvp["seats"], lined(rsvp), rsvp["asked_at"], rsvp.get("room", FIRST_ROOM))


def lined(rsvp: Document) -> int:
    """The decision that put somebody in line; of those who stood there before it was kept, the last about them."""
    found: int = rsvp["lined"] if "lined" in rsvp else rsvp["seq"]
    return found
