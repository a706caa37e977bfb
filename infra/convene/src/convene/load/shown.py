"""What the platform shows of a run, as it was read when all was quiet: the audit's other side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Pair = tuple[str, str]
"""Event and member."""


class Decision(NamedTuple):
    """A record of `events.rsvp.v1`. kind: `confirmed`, `waitlisted`, …; sequence: of the subject's messages."""

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

    @property
    def seats(self) -> int:
        return 1 + self.guests if self.status == "yes" else 0


class Public(NamedTuple):
    """A record of `public.rsvps.v1`."""

    sequence: int
    event_id: str
    number: int
    response: str
    guests: int


class Entry(NamedTuple):
    """One command in the journal. messages: id and digest of those for the two topics."""

    aggregate: str
    sequence: int
    command_id: str
    name: str
    messages: tuple[tuple[str, bytes], ...]


class Booked(NamedTuple):
    """A document of `rsvps`."""

    number: int
    order: int
    status: str
    guests: int
    seats: int
    skips: int
    seq: int


class Books(NamedTuple):
    """A document of `ledgers`. head: order, member, seats, skips of each. kept: public changes that wait."""

    capacity: int | None
    seats: int
    waiting: int
    order: int
    seq: int
    head: Sequence[Sequence[Any]]
    due: bool
    kept: int
    entries: int


class Counters(NamedTuple):
    """An event as HTTP shows it."""

    seats: int
    waiting: int


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
    there is none; members in line; lines; Message-IDs of those with a verified address.

    stuck: what still waits: handoffs, unpublished batches, parked messages.
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
    stuck: Sequence[str] = ()
    sampled: Mapping[str, str] = field(default_factory=dict)
