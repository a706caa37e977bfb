"""What callers are told of events and RSVPs: plain JSON values, the same from decisions and views."""

from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_jsonable_python

from chassis.times import when
from events_service.domain.event import Event, Part
from events_service.domain.ledger import Ledger
from events_service.domain.network_event import NetworkEvent
from events_service.domain.origin import Origin
from events_service.domain.place import Place, Side
from events_service.domain.promotion import Promotion
from events_service.domain.rsvp import Change, Rsvp
from events_service.domain.series import Series, instant_of

Answer = dict[str, Any]


def place_answer(place: Place | None, *, link: bool) -> Answer | None:
    """link: whether the caller may see where to meet online."""
    if place is None:
        return None
    shown: Answer = {"kind": place.kind}
    for name in ("name", "address", "lat", "lon"):
        value = getattr(place, name)
        if value is not None:
            shown[name] = value
    url = {"url": place.url} if link and place.url is not None else {}
    if place.kind != "hybrid":
        return shown | url
    seats = {"capacity": place.capacity, "guest_limit": place.guest_limit} if place.sided else {}
    return shown | ({"online": url | seats} if url or seats else {})


def _online(ledger: Ledger) -> Answer:
    """What is counted of the online side, where it has seats of its own. ledger: showing the physical one."""
    online = ledger.beside
    return {} if online is None else {"online": {"seats_used": online.seats, "waitlist_length": online.waiting}}


def status_at(status: str, ends: datetime, now: datetime) -> str:
    """draft, published or cancelled as decided; past once a published event is over."""
    return "past" if status == "published" and now >= ends else status


def event_answer(event: Event, ledger: Ledger, now: datetime, *, link: bool) -> Answer:
    """For those who lead or host it. link: whether the caller may see where to meet online."""
    details = event.details
    return {
        "event_id": event.id,
        "group_id": event.group_id,
        "title": details.title,
        "description": details.description,
        "starts_at": details.starts_at,
        "ends_at": details.ends_at,
        "timezone": details.timezone,
        "starts_at_utc": when(event.times.starts),
        "ends_at_utc": when(event.times.ends),
        "place": place_answer(details.place, link=link),
        "capacity": details.capacity,
        "guest_limit": details.guest_limit,
        "rsvp_opens_at": details.rsvp_opens_at,
        "rsvp_closes_at": details.rsvp_closes_at,
        "attendee_list": details.attendee_list,
        "rsvps_by_hand": None if event.by_hand is None else "opened" if event.by_hand.opened else "closed",
        "questions": list(details.questions),
        "promotion": promotion_answer(details.promotion),
        "hosts": list(details.hosts),
        "topics": list(details.topics),
        "photos": list(details.photos),
        "host_notes": details.host_notes,
        **part_answer(event.series),
        **origin_answer(event.origin),
        "status": status_at(event.status, event.times.ends, now),
        "seats_used": ledger.seats,
        "waitlist_length": ledger.waiting,
        **_online(ledger),
        "announced_at": when(event.announced_at),
        "created_by": event.created_by,
        "version": event.version,
        "created_at": when(event.created_at),
        "updated_at": when(event.updated_at),
    }


def part_answer(part: Part | None) -> Answer:
    """What a date of a series says of it: nothing where it is none."""
    return {} if part is None else {"series_id": part.series_id, "recurrence_id": when(part.first_at)}


def origin_answer(origin: Origin | None) -> Answer:
    """What a copy of a network event says of it: nothing where it is none."""
    return {} if origin is None else {"network_id": origin.network_id, "network_event_id": origin.network_event_id}


def network_event_answer(found: NetworkEvent) -> Answer:
    """What all copies have in common; what was changed for one alone is with its event."""
    details = found.details
    return {
        "network_event_id": found.id,
        "network_id": found.network_id,
        "title": details.title,
        "description": details.description,
        "starts_at": details.starts_at,
        "ends_at": details.ends_at,
        "place": place_answer(details.place, link=True),
        "capacity": details.capacity,
        "guest_limit": details.guest_limit,
        "rsvp_opens_at": details.rsvp_opens_at,
        "rsvp_closes_at": details.rsvp_closes_at,
        "attendee_list": found.listed,
        "promotion": promotion_answer(details.promotion),
        "topics": list(details.topics),
        "questions": list(details.questions),
        "photos": list(details.photos),
        "host_notes": details.host_notes,
        "status": found.status,
        "created_by": found.created_by,
        "version": found.version,
        "created_at": when(found.created_at),
        "updated_at": when(found.updated_at),
    }


def series_answer(series: Series) -> Answer:
    """The series as it is planned, with its dates in order; what was changed for one alone is with its event."""
    plan, details = series.plan, series.details
    dates = sorted((one for one in series.occurrences if one.live), key=lambda one: one.at)
    return {
        "series_id": series.id,
        "group_id": series.group_id,
        "title": details.title,
        "rrule": plan.rule,
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "timezone": plan.timezone,
        "exdates": list(plan.exdates),
        "rdates": list(plan.rdates),
        "status": series.status,
        "occurrences": [
            {"event_id": one.event_id, "starts_at": one.at, "starts_at_utc": when(instant_of(plan, one))}
            for one in dates
        ],
        "created_by": series.created_by,
        "version": series.version,
        "created_at": when(series.created_at),
        "updated_at": when(series.updated_at),
    }


def rsvp_id(event_id: str, member_id: str) -> str:
    return f"{event_id}:{member_id}"


def offer_id(event_id: str, seq: int) -> str:
    return f"{event_id}.{seq}"


def promotion_answer(promotion: Promotion) -> Answer:
    """Times as ISO 8601 durations."""
    return {
        "mode": promotion.mode,
        "offer_ttl": to_jsonable_python(timedelta(seconds=promotion.offer_ttl)),
        "confirm_within": to_jsonable_python(timedelta(seconds=promotion.confirm_within)),
        "max_skips": promotion.max_skips,
    }


def rsvp_answer(
    event_id: str,
    rsvp: Rsvp | Change,
    position: int | None,
    *,
    side: Side | None,
    created: datetime,
    updated: datetime,
) -> Answer:
    """`response` is what the person said; `status` what came of it; `position` only in line, where it is known; `place`
    where the event has two sides.

    Its version is `seq`: each decision about an RSVP has a higher one. What they said to the event's questions is
    shown by views alone: it is nobody's but theirs, and results are kept.
    """
    last = when(updated)
    answer: Answer = {
        "rsvp_id": rsvp_id(event_id, rsvp.member_id),
        "number": rsvp.number,
        "event_id": event_id,
        "member_id": rsvp.member_id,
        "response": "no" if rsvp.status == "no" else "yes",
        "status": rsvp.status,
        "guests": rsvp.guests,
        "seq": rsvp.seq,
        "version": rsvp.seq,
        "created_at": last if created is updated else when(created),
        "updated_at": last,
    }
    if side is not None:
        answer["place"] = side
    if position is not None:
        answer["position"] = position
    if isinstance(rsvp, Rsvp) and rsvp.offer is not None:
        answer |= {"offer_id": offer_id(event_id, rsvp.offer.seq), "offer_expires_at": when(rsvp.offer.until)}
    if isinstance(rsvp, Rsvp) and rsvp.override:
        answer["override"] = True
    return answer
