"""`rsvps`: one document per event and person, and how facts change it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from chassis.journal.documents import Documents, Query
from chassis.journal.numbers import Numbers
from chassis.mongo import Document
from events_service.domain.move import is_move
from events_service.domain.rsvp import (
    Admitted,
    Answered,
    Change,
    Erased,
    Fact,
    Kept,
    Offer,
    Offered,
    Passed,
    Rsvp,
    Shown,
    Terms,
)
from events_service.domain.waitlist import REACH
from events_service.store.kept import keep
from events_service.store.move import lined, write_move

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
    )


def others(documents: Documents, event_id: str) -> Callable[[str], Rsvp | None]:
    """RSVPs to the event among what a batch has loaded. The function raises NotRead for others."""

    def find(member_id: str) -> Rsvp | None:
        document = documents.get(RSVPS, document_id(event_id, member_id))
        return None if document is None else rsvp_of(document)

    return find


def line_query(event_id: str) -> Query:
    """The first in line, in order of acceptance."""
    return Query(RSVPS, (("event_id", event_id), ("status", "waitlist")), (("order", 1),), REACH)


def offers_query(event_id: str) -> Query:
    """Who has an offer, the first to expire first."""
    return Query(RSVPS, (("event_id", event_id), ("status", "offered")), (("until", 1), ("_id", 1)), REACH)


def save_changes(
    documents: Documents, terms: Terms, capacity: int | None, facts: Sequence[Fact], now: datetime, *, trace: str | None
) -> int:
    """The RSVPs after the facts; how many of them are new. trace: W3C traceparent of the decision."""
    after: dict[str, Document] = {}
    new = 0
    for fact in facts:
        if isinstance(fact, Change):
            id_ = document_id(terms.event_id, fact.member_id)
            before = after.get(fact.member_id) or documents.get(RSVPS, id_)
            new += before is None
            after[fact.member_id] = _changed(before, id_, terms, fact, now)
            if is_move(fact):
                write_move(documents, terms.event_id, fact, facts, before=before, capacity=capacity, now=now)
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
    return new


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

    `lined`: the decision that put them in line. Most have neither that, nor an offer (`offer` with `until`), nor
    answers, nor a place by a leader's hand, nor a note of whether they came (`attendance`): then those fields are not
    there.
    """
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
        document["lined"] = lined(before) if before is not None and change.was == "waitlist" else change.seq
    elif change.status == "offered" and before is not None:
        document["lined"] = lined(before)
    if before is not None and "answers" in before:
        document["answers"] = before["answers"]
    if before is not None and "attendance" in before:
        document["attendance"] = before["attendance"]
    if isinstance(change, Offered):
        document |= {"offer": change.offer, "until": change.until}
    elif isinstance(change, Admitted):
        document |= {"by": change.by, "override": change.override}
    elif before is not None and "by" in before and before["status"] == change.status == "yes":
        document |= {"by": before["by"], "override": before["override"]}
    return document
