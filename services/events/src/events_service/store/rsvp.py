"""`rsvps`: one document per event and person, and how facts change it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from chassis.journal.documents import Documents, Query
from chassis.journal.numbers import Numbers
from chassis.mongo import Document
from events_service.domain.ledger import Ledger
from events_service.domain.move import Move, is_move
from events_service.domain.place import FIRST_ROOM
from events_service.domain.rsvp import (
    HELD,
    Admitted,
    Answered,
    Change,
    Erased,
    Fact,
    Kept,
    Offer,
    Offered,
    Rsvp,
    Shown,
    Terms,
)
from events_service.domain.waitlist import REACH, Passed
from events_service.store.kept import keep
from events_service.store.ledger import room_query
from events_service.store.move import lined, write_moves

RSVPS = "rsvps"
RSVP_NUMBERS = Numbers("rsvp")


def document_id(event_id: str, member_id: str) -> str:
    return f"{event_id}:{member_id}"


def rsvp_of(document: Document) -> Rsvp:
    return Rsvp(
        document["member_id"],
        document["number"],
        document["order"],
        document["status"],
        document["guests"],
        document["seats"],
        document["skips"],
        document["seq"],
        document["seen"],
        document["shown"],
        document["mtime"],
        Offer(document["offer"], document["until"]) if "until" in document else None,
        document.get("override", False),
        tuple(document.get("answers", ())),
        document.get("room", FIRST_ROOM),
        document.get("placed"),
    )


def own_rsvp(documents: Documents, event_id: str, member_id: str) -> Document | None:
    """A member's own, as stored; None also of who is forgotten: who comes back under their id is somebody new.

    Raises NotRead.
    """
    found = documents.get(RSVPS, document_id(event_id, member_id))
    return None if found is None or found.get("erased") else found


def others(documents: Documents, event_id: str) -> Callable[[str], Rsvp | None]:
    """RSVPs to the event among what a batch has loaded. The function raises NotRead for others."""

    def find(member_id: str) -> Rsvp | None:
        document = documents.get(RSVPS, document_id(event_id, member_id))
        return None if document is None else rsvp_of(document)

    return find


def line_query(ledger: Document, room: int) -> Query:
    """The first in line, in order of acceptance. ledger: the event's, as stored."""
    where = (("event_id", ledger["_id"]), ("status", "waitlist"), *room_query(ledger, room))
    return Query(RSVPS, where, (("order", 1),), REACH)


def offers_query(event_id: str) -> Query:
    """Who has an offer, the first to expire first."""
    return Query(RSVPS, (("event_id", event_id), ("status", "offered")), (("until", 1), ("_id", 1)), REACH)


class Saved(NamedTuple):
    """new: how many RSVPs there were none of before; moves: in order, most decisions have none."""

    new: int
    moves: Sequence[Move]


def save_changes(
    documents: Documents, terms: Terms, ledger: Ledger, facts: Sequence[Fact], now: datetime, *, trace: str | None
) -> Saved:
    """The RSVPs after the facts, and what happened in line. ledger: after them; trace: their W3C traceparent."""
    after: dict[str, Document] = {}
    new, moves = 0, list[Move]()
    for fact in facts:
        if isinstance(fact, Change):
            id_ = document_id(terms.event_id, fact.member_id)
            before = after.get(fact.member_id) or documents.get(RSVPS, id_)
            new += before is None
            after[fact.member_id] = _changed(before, id_, terms, fact, now)
            if is_move(fact):
                moves += write_moves(documents, terms.event_id, fact, facts, before=before, ledger=ledger, now=now)
        elif isinstance(fact, Shown | Kept):
            after[fact.member_id] |= {"shown": fact.response, "mtime": fact.mtime}
            if isinstance(fact, Kept):
                keep(documents, terms.event_id, fact, trace)
        elif isinstance(fact, Answered | Erased | Passed):
            known = after.get(fact.member_id) or documents.get(RSVPS, document_id(terms.event_id, fact.member_id))
            if known is not None:
                after[fact.member_id] = _noted(known, fact, now)
    for document in after.values():
        documents.put(RSVPS, document)
    return Saved(new, moves)


def _noted(known: Document, fact: Answered | Erased | Passed, now: datetime) -> Document:
    match fact:
        case Answered():
            return {**known, "answers": list(fact.answers), "updated_at": now}
        case Passed():
            return {**known, "skips": fact.skips}
        case Erased():
            kept = {name: value for name, value in known.items() if name != "answers"}
            if "attendance" in kept:
                kept["attendance"] = {**kept["attendance"], "forgotten": True}
            return {**kept, "shown": None, "erased": True}


def _changed(before: Document | None, id_: str, terms: Terms, change: Change, now: datetime) -> Document:
    """`live`: it holds a seat, an offer, a turn or a request; `asked_at`: when its place in line was given.

    `lined`: the decision that put them in line; `placed`: the one that gave the place or the offer, where it is not the
    last. Most have neither those, nor an offer (`offer` with `until`), nor answers, nor a place by a leader's hand, nor
    a note of whether they came (`attendance`), and are in the first room: then those fields are not there.
    """
    stays = change.left is None
    same_turn = before is not None and before["order"] == change.order
    document: Document = {
        "_id": id_,
        "v": 1,
        "event_id": terms.event_id,
        "group_id": terms.group_id,
        "member_id": change.member_id,
        "number": change.number,
        "order": change.order,
        "status": change.status,
        "live": change.status != "no",
        "guests": change.guests,
        "seats": change.seats,
        "skips": change.skips,
        "seq": change.seq,
        "seen": change.seen,
        "shown": None if before is None else before["shown"],
        "mtime": 0 if before is None else before["mtime"],
        "starts": terms.starts,
        "asked_at": before["asked_at"] if before is not None and same_turn else now,
        "created_at": now if before is None else before["created_at"],
        "updated_at": now,
    }
    if change.status == "waitlist":
        stood = before is not None and change.was == "waitlist" and stays
        document["lined"] = lined(before) if before is not None and stood else change.seq
    elif change.status == "offered" and before is not None:
        document["lined"] = lined(before)
    if before is not None and stays and before["status"] in HELD and change.status in HELD:
        document["placed"] = before.get("placed", before["seq"])
    if change.room != FIRST_ROOM:
        document["room"] = change.room
    if before is not None and "answers" in before:
        document["answers"] = before["answers"]
    if before is not None and "attendance" in before:
        document["attendance"] = before["attendance"]
    if isinstance(change, Offered):
        document |= {"offer": change.offer, "until": change.until}
    elif isinstance(change, Admitted):
        document |= {"by": change.by, "override": change.override}
    elif before is not None and stays and "by" in before and before["status"] == change.status == "yes":
        document |= {"by": before["by"], "override": before["override"]}
    return document
