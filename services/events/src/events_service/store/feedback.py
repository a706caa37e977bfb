"""Feedback on events: `feedback`, by `<event id>:<member id>`, and in `feedback_totals`, by `feedback:<event id>`, what
it comes to.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Document
from events_service.domain.attendance import was_there
from events_service.domain.feedback import Feedback, Said, Totals
from events_service.handlers.feedback import Review
from events_service.store.attendance import note_of
from events_service.store.event import EVENTS, event_of
from events_service.store.rsvp import RSVPS, document_id, own_rsvp

TOTALS = "feedback_totals"
FEEDBACK = "feedback"


class FeedbackStore:
    """Reads, loads and saves for decisions about one person's feedback on an event."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        event_id = command.body["event_id"]
        own = document_id(event_id, command.actor or "")
        return (Ref(TOTALS, command.aggregate), Ref(EVENTS, event_id), Ref(RSVPS, own), Ref(FEEDBACK, own))

    def load(self, command: Command, documents: Documents) -> Review:
        event_id = command.body["event_id"]
        own = document_id(event_id, command.actor or "")
        event, totals = documents.get(EVENTS, event_id), documents.get(TOTALS, command.aggregate)
        rsvp, feedback = own_rsvp(documents, event_id, command.actor or ""), documents.get(FEEDBACK, own)
        note = note_of(rsvp)
        return Review(
            None if event is None else event_of(event),
            Totals(event_id) if totals is None else totals_of(totals),
            None if feedback is None else feedback_of(feedback),
            was_there(None if rsvp is None else rsvp["status"], None if note is None else note.mark),
        )

    def save(self, command: Command, documents: Documents, outcome: Outcome[Review], now: datetime) -> None:
        review, before = outcome.state, documents.get(TOTALS, command.aggregate)
        documents.put(TOTALS, {**(before or {}), **totals_document(command.aggregate, review.totals)})
        if review.feedback is not None:
            documents.put(FEEDBACK, feedback_document(review.feedback))


def totals_document(id_: str, totals: Totals) -> Document:
    return {
        "_id": id_,
        "v": 1,
        "event_id": totals.event_id,
        "stars": list(totals.stars),
        "next": dict(totals.next),
    }


def totals_of(document: Document) -> Totals:
    return Totals(document["event_id"], tuple(document["stars"]), document["next"])


def feedback_document(found: Feedback) -> Document:
    """`worded`: there is something to read in it beside the stars and what was chosen."""
    values: dict[str, Any] = asdict(found)
    worded = bool(found.said.text or found.said.next_text)
    id_ = document_id(found.event_id, found.member_id)
    return {"_id": id_, "v": 1, **values, "next": list(found.next), "worded": worded}


def feedback_of(document: Document) -> Feedback:
    values = {name: value for name, value in document.items() if name not in ("_id", "v", "worded")}
    return Feedback(**{**values, "next": tuple(document["next"]), "said": Said(**document["said"])})
