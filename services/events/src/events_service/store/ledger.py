"""`ledgers`: the root of an event's aggregate, by event id: what RSVPs need of the event, and what they move."""

from dataclasses import asdict, replace

from chassis.mongo import Document
from events_service.domain.ledger import Ledger
from events_service.domain.promotion import AT_ONCE, promotion_of
from events_service.domain.rsvp import Terms
from events_service.domain.waitlist import Party

LEDGERS = "ledgers"


def terms_of(document: Document) -> Terms:
    venue = document["venue"]
    return Terms(
        document["_id"],
        document["group_id"],
        document["status"],
        document["title"],
        document["starts"],
        document["ends"],
        document["opens"],
        document["closes"],
        document["guest_limit"],
        promotion_of(document),
        tuple(document["hosts"]),
        document["attendee_list"],
        None if venue is None else (venue[0], venue[1], venue[2]),
        document.get("questions", 0),
    )


def ledger_of(document: Document) -> Ledger:
    # an argument each, and no dictionary between: this is read at every RSVP
    if "offers" in document:
        return _with_offers(document)
    return Ledger(
        document["capacity"],
        document["seats"],
        document["waiting"],
        document["order"],
        document["seq"],
        tuple(map(Party._make, document["head"])),
        document["due"],
        document["kept_first"],
        document["kept_last"],
    )


def _with_offers(document: Document) -> Ledger:
    names = ("held", "offers", "lapses", "over")
    plain = {name: value for name, value in document.items() if name not in names}
    return replace(ledger_of(plain), **{name: document[name] for name in names})


def moved(before: Document, ledger: Ledger) -> Document:
    """The document after RSVPs; what the event says, and the journal's counters, are carried over.

    Most events have never had offers or overrides: their documents do not have those fields.
    """
    after = {
        **before,
        "seats": ledger.seats,
        "waiting": ledger.waiting,
        "order": ledger.order,
        "seq": ledger.seq,
        "head": [list(party) for party in ledger.head],
        "due": ledger.due,
        "kept_first": ledger.kept_first,
        "kept_last": ledger.kept_last,
    }
    if ledger.offers or ledger.over or "offers" in before:
        after |= {"held": ledger.held, "offers": ledger.offers, "lapses": ledger.lapses, "over": ledger.over}
    return after


def document_of(terms: Terms, ledger: Ledger, before: Document | None) -> Document:
    """The document after an edit of the event."""
    return moved(
        {
            **(before or {}),
            "_id": terms.event_id,
            "v": 1,
            "group_id": terms.group_id,
            "status": terms.status,
            "title": terms.title,
            "starts": terms.starts,
            "ends": terms.ends,
            "opens": terms.opens,
            "closes": terms.closes,
            "guest_limit": terms.guest_limit,
            "promotion": None if terms.promotion == AT_ONCE else asdict(terms.promotion),
            "questions": terms.questions,
            "hosts": list(terms.hosts),
            "attendee_list": terms.attendee_list,
            "venue": None if terms.venue is None else list(terms.venue),
            "capacity": ledger.capacity,
        },
        ledger,
    )
