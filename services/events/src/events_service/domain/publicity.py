"""What of an RSVP the whole world may see, and in which order it goes out.

A response is public when the group is public, the event published with an attendee list for everyone, and the member
shows their attendance to everyone. It never goes out without the member's number: until that is known the event's
public changes wait in a queue of their own, later ones behind.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from events_service.domain.group import Group
from events_service.domain.ledger import Ledger
from events_service.domain.person import Person
from events_service.domain.rsvp import Change, Declined, Kept, KeptDone, Response, Rsvp, Shown, Terms

STEPS: Final = 200
"""How many waiting public changes one decision may send out."""

PersonOf = Callable[[str], Person | None]
RsvpOf = Callable[[str], Rsvp | None]


class Line:
    """The event's public changes in order: once one waits, later ones wait behind it."""

    __slots__ = ("_place", "_queued")

    def __init__(self, place: int, *, queued: bool) -> None:
        self._place = place
        self._queued = queued

    def out(
        self, member_id: str, number: int, response: Response, guests: int, mtime: int, *, known: bool
    ) -> Shown | Kept:
        """known: whether the member's number is."""
        if known and not self._queued:
            return Shown(member_id, number, response, guests, mtime)
        self._place, self._queued = self._place + 1, True
        return Kept(self._place, member_id, number, response, guests, mtime)


def line_of(ledger: Ledger) -> Line:
    """The queue as the ledger has it. Lives for one decision."""
    return Line(ledger.kept_last, queued=ledger.kept_first <= ledger.kept_last)


def open_to_all(terms: Terms, group: Group) -> bool:
    """Whether the event's RSVPs may be public at all."""
    return group.visibility == "public" and terms.attendee_list == "everyone" and terms.status == "published"


def response_of(before: Rsvp | None, change: Change) -> Response | None:
    """The response to publish, or None when the public sees no difference.

    A place is a `yes`. Whatever else follows a public `yes` is a `no`, and so is the person's own no; waiting and
    asking are not public, nor that somebody else ended it.
    """
    shown = None if before is None else before.shown
    if change.status == "yes":
        same = shown == "yes" and before is not None and before.guests == change.guests
        return None if same else "yes"
    if isinstance(change, Declined):
        return None if shown == "no" else "no"
    return "no" if shown == "yes" else None


def publish(
    terms: Terms,
    group: Group,
    ledger: Ledger,
    changes: Sequence[Change],
    *,
    rsvp_of: RsvpOf,
    person_of: PersonOf,
    now: datetime,
) -> list[Shown | Kept]:
    """What goes out because of the changes, or waits in the queue. `rsvp_of`: RSVPs as they were before."""
    if not open_to_all(terms, group):
        return []
    out: list[Shown | Kept] = []
    line = line_of(ledger)
    milliseconds = int(now.timestamp() * 1000)
    for change in changes:
        before = rsvp_of(change.member_id)
        response = response_of(before, change)
        if response is None:
            continue
        person = person_of(change.member_id)
        if person is not None and person.attendance != "everyone":
            continue
        guests = change.guests if response == "yes" else 0
        mtime = milliseconds if before is None else max(milliseconds, before.mtime + 1)
        out.append(line.out(change.member_id, change.number, response, guests, mtime, known=person is not None))
    return out


def release(
    terms: Terms, group: Group, ledger: Ledger, queue: Sequence[Kept], person_of: PersonOf
) -> list[Shown | KeptDone]:
    """Send out the queue's changes in order until one still lacks its member's number.

    queue: its first changes, at most `STEPS`. What may not be seen any more is dropped.
    """
    out: list[Shown | KeptDone] = []
    last = 0
    for kept in queue:
        person = person_of(kept.member_id)
        if person is None:
            break
        last = kept.place
        if person.attendance == "everyone" and open_to_all(terms, group):
            out.append(Shown(kept.member_id, kept.number, kept.response, kept.guests, kept.mtime))
    if not last:
        return []
    through = last == queue[-1].place
    out.append(KeptDone(last, more=through and last < ledger.kept_last))
    return out
