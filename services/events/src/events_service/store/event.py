"""`events`: what events say of themselves, by event id; and what decisions about them read and change."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Final

from chassis.finding import FORM, key_of, words_of
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, NotRead, Read, Ref
from chassis.mongo import Document
from events_service.domain.details import Details, Times
from events_service.domain.event import Deleted, Event, Part
from events_service.domain.group import OUTSIDER, standing
from events_service.domain.ledger import Ledger
from events_service.domain.origin import Origin
from events_service.domain.place import Place, rooms_of
from events_service.domain.promotion import promotion_of
from events_service.domain.window import ByHand
from events_service.handlers.copied import CONFORM
from events_service.handlers.event import CHANGE, HOST, UNHOST, Agenda
from events_service.handlers.occurrence import OCCUR
from events_service.store.fairness import tallied
from events_service.store.ledger import LEDGERS, document_of, heads, ledger_of, lines_in
from events_service.store.projection import GROUPS, MEMBERS, known_group, membership_of, membership_ref, people
from events_service.store.rsvp import RSVPS, document_id, others, save_changes

EVENTS = "events"
_MOVE_SEATS = frozenset({CHANGE, HOST, UNHOST, OCCUR, CONFORM})


def event_document(event: Event) -> Document:
    """`point`, and what is in `found_by`, are for finding it; `due_at`: when it is over, until that has been decided;
    `published`: whether it ever was."""
    details, place = event.details, event.details.place
    document: Document = {
        "_id": event.id,
        "v": 1,
        "group_id": event.group_id,
        "title": details.title,
        "description": details.description,
        "starts_at": details.starts_at,
        "ends_at": details.ends_at,
        "timezone": details.timezone,
        "starts": event.times.starts,
        "ends": event.times.ends,
        "opens": event.times.opens,
        "closes": event.times.closes,
        "place": None if place is None else {name: getattr(place, name) for name in Place.__slots__},
        "capacity": details.capacity,
        "guest_limit": details.guest_limit,
        "rsvp_opens_at": details.rsvp_opens_at,
        "rsvp_closes_at": details.rsvp_closes_at,
        "attendee_list": details.attendee_list,
        "promotion": asdict(details.promotion),
        "hosts": list(details.hosts),
        "topics": list(details.topics),
        "questions": list(details.questions),
        "photos": list(details.photos),
        "host_notes": details.host_notes,
        **found_by({"title": details.title, "topics": details.topics}),
        "status": event.status,
        "published": event.status != "draft" and not event.concealed,
        "announced_at": event.announced_at,
        "cancelled_at": event.cancelled_at,
        "ended_at": event.ended_at,
        "due_at": event.times.ends if event.status == "published" and event.ended_at is None else None,
        "series": None if event.series is None else {name: getattr(event.series, name) for name in Part.__slots__},
        "origin": None if event.origin is None else {**asdict(event.origin), "left": list(event.origin.left)},
        "own": list(event.own),
        "off": event.off,
        "created_by": event.created_by,
        "created_at": event.created_at,
        "updated_at": event.updated_at,
        "version": event.version,
        "by_hand": None if event.by_hand is None else asdict(event.by_hand),
        "rooms": list(event.rooms),
    }
    if place is not None and place.lat is not None and place.lon is not None:
        document["point"] = {"type": "Point", "coordinates": [place.lon, place.lat]}
    return document


FOUND_BY: Final = ("title", "topics")


def found_by(event: Document) -> Document:
    """What an event of these texts (FOUND_BY) is found by."""
    return {
        "topic_keys": [key_of(topic) for topic in event["topics"]],
        "words": words_of(event["title"], *event["topics"]),
        "finding": FORM,
    }


def event_of(document: Document) -> Event:
    place = document["place"]
    details = Details(
        title=document["title"],
        starts_at=document["starts_at"],
        ends_at=document["ends_at"],
        timezone=document["timezone"],
        attendee_list=document["attendee_list"],
        description=document["description"],
        place=None if place is None else Place(**place),
        capacity=document["capacity"],
        guest_limit=document["guest_limit"],
        rsvp_opens_at=document["rsvp_opens_at"],
        rsvp_closes_at=document["rsvp_closes_at"],
        promotion=promotion_of(document),
        hosts=tuple(document["hosts"]),
        topics=tuple(document["topics"]),
        questions=tuple(document.get("questions", ())),
        photos=tuple(document.get("photos", ())),
        host_notes=document.get("host_notes", ""),
    )
    by_hand, rooms = document.get("by_hand"), document.get("rooms")
    part, origin = document.get("series"), document.get("origin")
    return Event(
        id=document["_id"],
        group_id=document["group_id"],
        details=details,
        times=Times(document["starts"], document["ends"], document["opens"], document["closes"]),
        created_by=document["created_by"],
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        status=document["status"],
        announced_at=document["announced_at"],
        cancelled_at=_cancelled_at(document),
        ended_at=document.get("ended_at"),
        series=None if part is None else Part(**part),
        origin=None if origin is None else Origin(**{**origin, "left": tuple(origin["left"])}),
        own=tuple(document.get("own", ())),
        off=document.get("off", False),
        concealed=document["status"] == "cancelled" and document.get("published") is False,
        version=document["version"],
        by_hand=None if by_hand is None else ByHand(**by_hand),
        rooms=rooms_of(details.place) if rooms is None else (rooms[0], rooms[1]),
    )


def _cancelled_at(document: Document) -> datetime | None:
    """None while it is not. Before that was kept, the cancelling was the last that changed an event."""
    if document["status"] != "cancelled":
        return None
    found: datetime = document.get("cancelled_at") or document["updated_at"]
    return found


class EventStore:
    """Reads, loads and saves for decisions about events."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        """The event and its ledger, its group, and who acts; for an edit also those whose seats it may move.

        Before there is an event, the command names its group.
        """
        event_id = command.aggregate
        wanted: list[Read] = [Ref(EVENTS, event_id), Ref(LEDGERS, event_id)]
        try:
            event, ledger = documents.get(EVENTS, event_id), documents.get(LEDGERS, event_id)
        except NotRead:
            event = ledger = None
        group_id = event["group_id"] if event else command.body.get("group_id")
        if group_id:
            wanted += (Ref(GROUPS, group_id), membership_ref(group_id, command.actor or ""))
        if command.name in _MOVE_SEATS and event is not None and ledger is not None:
            for member_id in _concerned(command, event, ledger):
                wanted += (Ref(RSVPS, document_id(event_id, member_id)), Ref(MEMBERS, member_id))
        return wanted

    def load(self, command: Command, documents: Documents) -> Agenda:
        event_id, actor = command.aggregate, command.actor or ""
        found, ledger = documents.get(EVENTS, event_id), documents.get(LEDGERS, event_id)
        event = None if found is None else event_of(found)
        group_id = event.group_id if event else command.body.get("group_id")
        group = known_group(documents, group_id) if group_id else None
        membership = OUTSIDER
        if group is not None:
            ref = membership_ref(group.id, actor)
            membership = standing(group, actor, membership_of(documents.get(ref.collection, ref.id)))
        return Agenda(
            event=event,
            ledger=Ledger(capacity=None) if ledger is None else ledger_of(ledger),
            group=group,
            membership=membership,
            rsvp_of=others(documents, event_id),
            person_of=people(documents),
        )

    def save(self, command: Command, documents: Documents, outcome: Outcome[Agenda], now: datetime) -> None:
        agenda = outcome.state
        if agenda.event is None:
            raise ValueError("facts about an event leave an event")
        terms = agenda.event.terms()
        before = documents.get(LEDGERS, command.aggregate)
        if before is not None and any(isinstance(fact, Deleted) for fact in outcome.facts):
            documents.delete(EVENTS, command.aggregate)
            documents.put(LEDGERS, before)
            return
        documents.put(EVENTS, event_document(agenda.event))
        saved = save_changes(documents, terms, agenda.ledger, outcome.facts, now, trace=command.trace)
        after, lines = document_of(terms, agenda.ledger, before), {} if before is None else lines_in(before)
        documents.put(LEDGERS, tallied(after, saved.moves, outcome.facts, lines))


def _concerned(command: Command, event: Document, ledger: Document) -> Iterable[str]:
    """The head of each line, and hosts who come and go."""
    body = command.body
    if command.name in (HOST, UNHOST):
        coming = [body["member_id"]]
    else:
        coming = body.get("details" if command.name == OCCUR else "changes", {}).get("hosts", ())
    return {*(party[1] for party in heads(ledger)), *event["hosts"], *coming}
