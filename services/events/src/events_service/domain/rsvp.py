"""RSVPs: who has a place, who waits, and what one answer does to both."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from chassis.frozen import frozen
from events_service.domain.waitlist import Party, joined, without

Status = Literal["requested", "yes", "no", "waitlist", "offered"]
Response = Literal["yes", "no"]


@frozen
class Rsvp:
    """One person's RSVP to one event.

    number: the id that public streams show; order: of acceptance; seats: taken with a place, needed in line;
    skips: how often the waiting party was passed; seq: of the last decision about it; seen: the membership version
    that decision saw; shown: the response last published; mtime: of that, in ms since the epoch.
    """

    member_id: str
    number: int
    order: int
    status: Status
    guests: int
    seats: int
    skips: int
    seq: int
    seen: int
    shown: Response | None = None
    mtime: int = 0


@frozen
class Terms:
    """What an event says about its RSVPs. `opens` None = since it was published; `hosts` take no seat."""

    event_id: str
    group_id: str
    status: Literal["draft", "published", "cancelled"]
    title: str
    starts: datetime
    ends: datetime
    opens: datetime | None
    closes: datetime
    guest_limit: int
    max_skips: int
    hosts: tuple[str, ...]
    attendee_list: Literal["hidden", "members", "everyone"]
    venue: tuple[str, float, float] | None

    def need(self, member_id: str, guests: int) -> int:
        """How many seats a party takes."""
        return guests if member_id in self.hosts else guests + 1


@frozen
class Ledger:
    """What RSVPs move: seats used, the line, and the running numbers.

    waiting: parties in line; head: the first of them; due: a continuation is under way, it drains before anybody
    else is seated; order, seq: the last ones given; kept: public changes that wait for a number, the places of the
    first that waits and of the last ever kept (none waits when the first is beyond the last).
    """

    capacity: int | None
    seats: int = 0
    waiting: int = 0
    order: int = 0
    seq: int = 0
    head: tuple[Party, ...] = ()
    due: bool = False
    kept_first: int = 1
    kept_last: int = 0

    def fits(self, seats: int) -> bool:
        return self.capacity is None or self.seats + seats <= self.capacity

    @property
    def open_seats(self) -> bool:
        """Whether a newcomer may take a seat at all: nobody waits for it."""
        return not self.waiting and not self.due


@frozen
class Change:
    """One decision about one RSVP, complete: what it was and what it is. `had`: seats it took before."""

    member_id: str
    number: int
    was: Status | None
    status: Status
    guests: int
    seats: int
    had: int
    order: int
    skips: int
    seq: int
    seen: int
    position: int | None


@frozen
class Requested(Change):
    """Waits for the group to let the person in."""


@frozen
class Confirmed(Change):
    """Has a place without having waited, or has it with other guests."""


@frozen
class Waitlisted(Change):
    """Stands in line, or stands there with other guests."""


@frozen
class Promoted(Change):
    """Has a place after having waited."""


@frozen
class Declined(Change):
    """Does not come, by their own word."""


@frozen
class Released(Change):
    """Lost place, turn or request because the person is not in the group."""


@frozen
class Passed:
    """A waiting party was passed by others; `skips` is its new count."""

    member_id: str
    order: int
    skips: int


@frozen
class DrainLeft:
    """The line goes on beyond what this decision may look at; its continuation comes before any newcomer."""

    seq: int


@frozen
class HeadRenewed:
    """A continuation looked at the line. due: it has to look again."""

    head: tuple[Party, ...]
    due: bool


@frozen
class JoinAsked:
    """The RSVP asks to bring its member into the group; `seen` is the membership version it knows."""

    group_id: str
    member_id: str
    seen: int


@frozen
class Kept:
    """A public change waits in the event's queue, at this place, until its member's number is known."""

    place: int
    member_id: str
    number: int
    response: Response
    guests: int
    mtime: int


@frozen
class Shown:
    """A response went out on the public stream."""

    member_id: str
    number: int
    response: Response
    guests: int
    mtime: int


@frozen
class Hidden:
    """What the public stream says of an RSVP is taken back; the next response there still has a later mtime."""

    member_id: str
    number: int


@frozen
class Erased:
    """The person is forgotten. shown: something of theirs went out on the public stream, and is taken back."""

    member_id: str
    number: int
    shown: bool


@frozen
class KeptDone:
    """Places of the queue up to `last` are done. more: the next ones could be, by a continuation."""

    last: int
    more: bool


Fact = Change | Passed | DrainLeft | HeadRenewed | JoinAsked | Kept | Shown | Hidden | Erased | KeptDone


def evolve(ledger: Ledger, facts: Sequence[Fact]) -> Ledger:
    """The ledger after the facts."""
    seats, waiting, order, seq = ledger.seats, ledger.waiting, ledger.order, ledger.seq
    head, due, first, last = ledger.head, ledger.due, ledger.kept_first, ledger.kept_last
    for fact in facts:
        if isinstance(fact, Change):
            seats += (fact.seats if fact.status == "yes" else 0) - fact.had
            if fact.was == "waitlist" or fact.status == "waitlist":
                head, waiting = _line_after(head, waiting, fact)
            order, seq = max(order, fact.order), fact.seq
        elif isinstance(fact, Kept):
            last = fact.place
        elif isinstance(fact, KeptDone):
            first = fact.last + 1
        elif isinstance(fact, Passed):
            head = tuple(p._replace(skips=fact.skips) if p.order == fact.order else p for p in head)
        elif isinstance(fact, HeadRenewed):
            head, due = fact.head, fact.due
        elif isinstance(fact, DrainLeft):
            due = True
    return Ledger(ledger.capacity, seats, waiting, order, seq, head, due, first, last)


def _line_after(head: tuple[Party, ...], waiting: int, change: Change) -> tuple[tuple[Party, ...], int]:
    if change.was == "waitlist":
        head, waiting = without(head, change.member_id), waiting - 1
    if change.status == "waitlist":
        party = Party(change.order, change.member_id, change.seats, change.skips)
        head, waiting = joined(head, waiting, party), waiting + 1
    return head, waiting


def rsvp_after(rsvp: Rsvp | None, change: Change) -> Rsvp:
    """The RSVP after a decision about it."""
    shown, mtime = (None, 0) if rsvp is None else (rsvp.shown, rsvp.mtime)
    return Rsvp(
        change.member_id,
        change.number,
        change.order,
        change.status,
        change.guests,
        change.seats,
        change.skips,
        change.seq,
        change.seen,
        shown,
        mtime,
    )
