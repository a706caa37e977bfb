"""`ledgers`: the root of an event's aggregate, by event id: what RSVPs need of the event, and what they move."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from chassis.mongo import Document
from events_service.domain.ledger import Ledger, Room
from events_service.domain.place import FIRST_ROOM
from events_service.domain.promotion import AT_ONCE, promotion_of
from events_service.domain.rsvp import Terms
from events_service.domain.waitlist import Party

LEDGERS = "ledgers"


_ROOM = ("capacity", "seats", "waiting", "due", "held", "over")


def terms_of(document: Document) -> Terms:
    """Those of before a document said which sides there are do not know it."""
    venue, online = document["venue"], document.get("online")
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
        tuple(document.get("sides", ())),
        None if online is None else online["guest_limit"],
    )


def ledger_of(document: Document) -> Ledger:
    # an argument each, and no dictionary between: this is read at every RSVP
    plain = Ledger(
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
    return _in_full(plain, document) if "offers" in document else plain


def _in_full(plain: Ledger, document: Document) -> Ledger:
    """Also what most documents do not have."""
    found = replace(plain, **{name: document[name] for name in ("held", "offers", "lapses", "over")})
    online = document.get("online")
    if online is None:
        return replace(found, room=document.get("room", FIRST_ROOM))
    sides = document["sides"]
    head = tuple(map(Party._make, online["head"]))
    beside = Room(sides.index("online") + 1, head=head, **{name: online[name] for name in _ROOM})
    return replace(found, room=sides.index("physical") + 1, beside=beside)


def heads(document: Document) -> list[list[Any]]:
    """Who stands at the head of a line, on whichever side: parties as they are stored."""
    online = document.get("online")
    found: list[list[Any]] = document["head"]
    return found if online is None else found + online["head"]


def lines_in(document: Document) -> dict[int, Sequence[Party]]:
    """Who stands at the head of each room's line."""
    return {side.room: side.head for side in ledger_of(document).each()}


def room_query(document: Document, room: int) -> tuple[tuple[str, object], ...]:
    """What tells the RSVPs of a room; nothing where there is but one."""
    return () if document.get("online") is None else (("room", None if room == FIRST_ROOM else room),)


def moved(before: Document, ledger: Ledger) -> Document:
    """The document after RSVPs; what the event says, and the journal's counters, are carried over.

    Most events have never had offers or overrides, nor two sides: their documents do not have those fields. Of two
    sides the physical one stands where others have their only one.
    """
    if ledger.beside is not None:
        ledger = ledger.facing(before["sides"].index("physical") + 1)
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
    if ledger.offers or ledger.over or ledger.beside or ledger.room != FIRST_ROOM or "offers" in before:
        after |= {"held": ledger.held, "offers": ledger.offers, "lapses": ledger.lapses, "over": ledger.over}
    if ledger.beside is not None:
        room = ledger.beside
        online = {name: getattr(room, name) for name in _ROOM} | {"head": [list(party) for party in room.head]}
        after["online"] = {**before["online"], **online}
    return after


def document_of(terms: Terms, ledger: Ledger, before: Document | None) -> Document:
    """The document after an edit of the event. sides: what each room is, or the only side; room: of that, beyond the
    first."""
    carried = {name: value for name, value in (before or {}).items() if name not in ("online", "room")}
    if terms.online_guest_limit is not None:
        carried["online"] = {"guest_limit": terms.online_guest_limit}
    elif ledger.room != FIRST_ROOM:
        carried["room"] = ledger.room
    return moved(
        {
            **carried,
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
            "sides": list(terms.sides),
        },
        ledger,
    )
