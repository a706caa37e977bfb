"""What the platform shows of a run, as it was read when all was quiet: the audit's other side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

Pair = tuple[str, str]
"""Event and member."""


class Decision(NamedTuple):
    """A record of `events.rsvp.v1`. kind: `confirmed`, `waitlisted`, …; sequence: of the subject's messages.

    by: the leader whose hand it was; offer, until: what an offer is called by, and when it expires.
    """

    id: str
    sequence: int
    kind: str
    event_id: str
    member_id: str
    number: int
    was: str | None
    status: str
    guests: int
    seq: int
    by: str | None = None
    override: bool = False
    offer: str | None = None
    until: datetime | None = None

    @property
    def seats(self) -> int:
        """Taken by a place; what an offer holds is not."""
        return 1 + self.guests if self.status == "yes" else 0

    @property
    def holds(self) -> int:
        """Seats that nobody else can have."""
        return 1 + self.guests if self.status in {"yes", "offered"} else 0


class Public(NamedTuple):
    """A record of `public.rsvps.v1`."""

    sequence: int
    event_id: str
    number: int
    response: str
    guests: int


class Said(NamedTuple):
    """What an event says of itself. capacity: None = no limit."""

    capacity: int | None


class Entry(NamedTuple):
    """One command in the journal. messages: id and digest of those for the two topics; at: the database's time.

    said: what the event says from here on, where the command made or changed it.
    """

    aggregate: str
    sequence: int
    command_id: str
    name: str
    messages: tuple[tuple[str, bytes], ...]
    at: datetime
    said: Said | None = None


class Booked(NamedTuple):
    """A document of `rsvps`. offer: the `seq` that names it."""

    number: int
    order: int
    status: str
    guests: int
    seats: int
    skips: int
    seq: int
    offer: int | None = None
    until: datetime | None = None


class Books(NamedTuple):
    """A document of `ledgers`. head: order, member, seats, skips of each. kept: public changes that wait.

    held: seats that offers hold; lapses: when the next of them expires; over: seats that leaders gave beyond the
    capacity; mode, max_skips: of how people move up.
    """

    capacity: int | None
    seats: int
    waiting: int
    order: int
    seq: int
    head: Sequence[Sequence[Any]]
    due: bool
    kept: int
    entries: int
    held: int = 0
    offers: int = 0
    lapses: datetime | None = None
    over: int = 0
    mode: str = "instant"
    max_skips: int = 3


class Counters(NamedTuple):
    """An event as HTTP shows it."""

    seats: int
    waiting: int


class Turns(NamedTuple):
    """What became of the turns in an event's line, as GET `/fairness` tells it: how many of each."""

    inversions: int = 0
    skips: int = 0
    by_hand: int = 0
    overrides: int = 0
    promoted: int = 0
    offers: int = 0
    claimed: int = 0
    declined: int = 0
    expired: int = 0


class Notes(NamedTuple):
    """A line of an inbox."""

    event_id: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Shown:
    """All that belongs to one run. How much of it was read, where that is not all: `sampled`.

    decisions, public: the topics, in order per subject; sent: digests by message id over both; repeated: ids met again.

    entries: of the events, in order; missing: batches that are not where their neighbours are.
    results: by command id, of those asked for; the reason of a refusal, None where it was accepted.
    documents, books: rsvps and ledgers; inbox: lines per member, from the documents.

    events, own, queues, inboxes, mails: as HTTP shows them: counters; status and seq of one's own RSVP, None where
    there is none; members in line; lines; Message-IDs of those with a verified address. turns: likewise, of events that
    somebody had to wait for.

    stuck: what still waits: handoffs, unpublished batches, parked messages. now: the database's time when it was read.
    """

    decisions: Sequence[Decision] = ()
    public: Sequence[Public] = ()
    sent: Mapping[str, bytes] = field(default_factory=dict)
    repeated: Sequence[str] = ()
    entries: Sequence[Entry] = ()
    missing: Sequence[str] = ()
    results: Mapping[str, str | None] = field(default_factory=dict)
    documents: Mapping[Pair, Booked] = field(default_factory=dict)
    books: Mapping[str, Books] = field(default_factory=dict)
    inbox: Mapping[str, Sequence[Notes]] = field(default_factory=dict)
    events: Mapping[str, Counters] = field(default_factory=dict)
    own: Mapping[Pair, tuple[str, int] | None] = field(default_factory=dict)
    queues: Mapping[str, Sequence[str]] = field(default_factory=dict)
    inboxes: Mapping[str, Sequence[Notes]] = field(default_factory=dict)
    mails: Mapping[str, Sequence[str]] = field(default_factory=dict)
    turns: Mapping[str, Turns] = field(default_factory=dict)
    stuck: Sequence[str] = ()
    sampled: Mapping[str, str] = field(default_factory=dict)
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
