"""RSVPs: who has a place, who waits, and what one answer does to both."""

from dataclasses import field
from datetime import datetime
from typing import Final, Literal, NamedTuple

from chassis.frozen import frozen
from events_service.domain.place import FIRST_ROOM, Side
from events_service.domain.promotion import Promotion
from events_service.domain.waitlist import DrainLeft, HeadRenewed, Left, Passed

Status = Literal["requested", "yes", "no", "waitlist", "offered"]
Response = Literal["yes", "no"]

HELD: Final[tuple[Status, ...]] = ("yes", "offered")
"""The statuses in which seats are taken, or held."""


class Offer(NamedTuple):
    """A seat held for somebody until they claim it. seq: of the decision that offered it, which names the offer."""

    seq: int
    until: datetime


@frozen
class Rsvp:
    """One person's RSVP to one event.

    number: the id that public streams show; order: of acceptance; seats: taken with a place, held with an offer, needed
    in line; skips: how often the waiting party was passed; seq: of the last decision about it; seen: the membership
    version that decision saw; shown: the response last published; mtime: of that, in ms since the epoch; override:
    a leader gave the place over capacity or before others; answers: to the event's questions; room: theirs; placed: the
    decision that gave the place or the offer, where others followed.
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
    offer: Offer | None = None
    override: bool = False
    answers: tuple[str, ...] = ()
    room: int = FIRST_ROOM
    placed: int | None = None

    @property
    def given(self) -> int:
        """The decision that gave the place or the offer there is."""
        return self.seq if self.placed is None else self.placed

    @property
    def taken(self) -> int:
        """Seats that nobody else can have."""
        return self.seats if self.status in HELD else 0


@frozen
class Terms:
    """What an event says about its RSVPs.

    opens: None = since it was published; hosts take no seat; questions: how many it asks; sides: what each room is, or
    the only side, () = not known; online_guest_limit: where there are two sides, `guest_limit` is the other's.
    """

    event_id: str
    group_id: str
    status: Literal["draft", "published", "cancelled"]
    title: str
    starts: datetime
    ends: datetime
    opens: datetime | None
    closes: datetime
    guest_limit: int
    promotion: Promotion
    hosts: tuple[str, ...]
    attendee_list: Literal["hidden", "members", "everyone"]
    venue: tuple[str, float, float] | None
    questions: int = 0
    sides: tuple[Side, ...] = ()
    online_guest_limit: int | None = None

    def side(self, room: int) -> Side | None:
        """The side that a room is, where there are two."""
        return None if self.online_guest_limit is None else self.sides[room - 1]

    def room(self, side: Side) -> int:
        """Raises ValueError for a side that the event does not have."""
        return self.sides.index(side) + 1

    def limit(self, room: int) -> int:
        """How many guests an RSVP in a room may bring."""
        online = self.online_guest_limit
        return self.guest_limit if online is None or self.sides[room - 1] == "physical" else online

    def need(self, member_id: str, guests: int) -> int:
        """How many seats a party takes."""
        return guests if member_id in self.hosts else guests + 1


@frozen
class Change:
    """One decision about one RSVP, complete: what it was and what it is. `had`: seats it took, or held, before; `left`:
    where, if it is at the other side now."""

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
    room: int = field(default=FIRST_ROOM, kw_only=True)
    left: Left | None = field(default=None, kw_only=True)


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
class Offered(Change):
    """Seats are held for who waited. offer: the `seq` of the decision that offered them; until: when it expires."""

    offer: int
    until: datetime


@frozen
class Expired(Change):
    """Did not claim the seats that were held."""


@frozen
class Admitted(Change):
    """Has a place by a leader's hand. override: over the capacity, or before others who wait."""

    by: str
    override: bool


@frozen
class Declined(Change):
    """Does not come, by their own word."""


@frozen
class Released(Change):
    """Lost place, turn or request because the person is not in the group."""


@frozen
class Dropped(Change):
    """Lost place, turn or request by a leader's hand."""

    by: str


@frozen
class OffersSeen:
    """Offers were looked at. lapses: when the next one expires; more: others have expired by now."""

    lapses: datetime | None
    more: bool


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


@frozen
class Answered:
    """What the person said to the event's questions."""

    member_id: str
    answers: tuple[str, ...] = field(metadata={"personal": True})


Fact = (
    Change
    | Answered
    | Passed
    | DrainLeft
    | HeadRenewed
    | OffersSeen
    | JoinAsked
    | Kept
    | Shown
    | Hidden
    | Erased
    | KeptDone
)


def rsvp_after(rsvp: Rsvp | None, change: Change) -> Rsvp:
    """The RSVP after a decision about it. A place that a leader gave stays known as such while it is kept there."""
    shown, mtime = (None, 0) if rsvp is None else (rsvp.shown, rsvp.mtime)
    here = rsvp if change.left is None else None
    kept = here is not None and here.override and here.status == change.status == "yes"
    placed = here.given if here is not None and here.status in HELD and change.status in HELD else None
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
        Offer(change.offer, change.until) if isinstance(change, Offered) else None,
        kept or (isinstance(change, Admitted) and change.override),
        () if rsvp is None else rsvp.answers,
        change.room,
        placed,
    )
