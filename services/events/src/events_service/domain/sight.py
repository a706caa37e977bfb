"""What the public sees of RSVPs that were decided before somebody chose otherwise.

A group that goes private, a list that is hidden and a member who hides take back what the stream says; a member or a
list that is to be seen again has the state of today put on it.
"""

from collections.abc import Sequence
from datetime import datetime

from chassis.frozen import frozen
from events_service.domain.group import Group
from events_service.domain.ledger import Ledger
from events_service.domain.person import Person
from events_service.domain.publicity import PersonOf, line_of
from events_service.domain.rsvp import Hidden, Kept, Response, Rsvp, Shown, Terms

STEPS = 200
"""How many RSVPs or events one decision may look at."""


@frozen
class Concerned:
    """The events whose RSVPs have to be looked at. after: the last id looked at, where there may be others beyond."""

    event_ids: tuple[str, ...]
    after: str | None


def sweep(event_ids: Sequence[str], after: str | None) -> list[Concerned]:
    return [Concerned(tuple(dict.fromkeys(event_ids)), after)] if event_ids or after is not None else []


def review(
    terms: Terms,
    group: Group,
    ledger: Ledger,
    rsvps: Sequence[Rsvp],
    *,
    person_of: PersonOf,
    after: str | None,
    now: datetime,
) -> list[Shown | Kept | Hidden | Concerned]:
    """Bring what the public sees of these RSVPs in line with what it may see.

    A response that is already there goes out again with its guests of today: it may have changed while it was hidden.
    """
    hidden = group.visibility != "public" or terms.attendee_list != "everyone"
    line = line_of(ledger)
    facts: list[Shown | Kept | Hidden | Concerned] = []
    for rsvp in rsvps:
        person = person_of(rsvp.member_id)
        if hidden or _hides(person):
            if rsvp.shown is not None:
                facts.append(Hidden(rsvp.member_id, rsvp.number))
            continue
        response = _response(rsvp)
        if response is not None and terms.status == "published":
            guests = rsvp.guests if response == "yes" else 0
            mtime = max(int(now.timestamp() * 1000), rsvp.mtime + 1)
            facts.append(line.out(rsvp.member_id, rsvp.number, response, guests, mtime, known=person is not None))
    return facts if after is None else [*facts, Concerned((), after)]


def _hides(person: Person | None) -> bool:
    return person is not None and person.attendance != "everyone"


def _response(rsvp: Rsvp) -> Response | None:
    """A no is only of those of whom something was public before: of the rest nobody knows whether they said it."""
    if rsvp.status == "yes":
        return "yes"
    return "no" if rsvp.shown == "yes" or (rsvp.status == "no" and rsvp.mtime) else None
