"""What callers asked and heard, each try of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from chassis.journal.command import http_command_id

Outcome = Literal["accepted", "refused", "unknown"]
What = Literal["first", "twin", "repeat", "other"]
Act = Literal["rsvp", "accept", "decline", "promote", "add", "drop", "capacity"]
"""What is asked for: to answer an event or an offer; as a leader to give a place to who waits, or to whomever, to take
somebody out, to have another capacity."""


class Try(NamedTuple):
    """One request on the wire. at: seconds after the run began; took: seconds; answer: HTTP status, 0 = none came.

    what: `first`, or the double click, the repeat, the other body under the same key that follow it.
    """

    at: float
    took: float
    answer: int
    what: What


@dataclass(slots=True)
class Line:
    """One request, however often it was sent.

    also: what is sent under the same key besides; due: when it was to be sent, in seconds after the run began;
    seconds: from then to its answer. status, seq: of the accepted RSVP. heard: status and digest of the first answer;
    contradicted: a later one under the same key said something else.

    act: what is asked for, about the member; by: the leader who asks; override: beyond the capacity, or before others;
    offer: its id; capacity: the one asked for, of the event at `version`.
    """

    member_id: str
    event_id: str
    response: str
    guests: int
    key: str
    also: What = "first"
    due: float = 0.0
    outcome: Outcome = "unknown"
    status: str | None = None
    seq: int | None = None
    tries: list[Try] = field(default_factory=list)
    seconds: float = 0.0
    heard: tuple[int, int] | None = None
    contradicted: bool = False
    act: Act = "rsvp"
    by: str | None = None
    override: bool = False
    offer: str = ""
    capacity: int = 0
    version: int | None = None

    @property
    def asker(self) -> str:
        """Whose request it is."""
        return self.member_id if self.by is None else self.by

    @property
    def method(self) -> str:
        return {"rsvp": "PUT", "capacity": "PATCH"}.get(self.act, "POST")

    @property
    def path(self) -> str:
        event = f"/v1/events/{self.event_id}"
        match self.act:
            case "rsvp":
                return f"{event}/rsvp"
            case "accept" | "decline":
                return f"/v1/offers/{self.offer}/{self.act}"
            case "promote":
                return f"{event}/waitlist/{self.member_id}/promote"
            case "add" | "drop":
                return f"{event}/rsvps"
            case "capacity":
                return event

    @property
    def body(self) -> dict[str, Any]:
        match self.act:
            case "rsvp":
                return {"response": self.response, "guests": self.guests}
            case "accept" | "decline":
                return {}
            case "promote":
                return {"override": self.override}
            case "add":
                return {"member_id": self.member_id, "guests": self.guests, "override": self.override}
            case "drop":
                return {"member_id": self.member_id, "response": "no"}
            case "capacity":
                return {"capacity": self.capacity}

    @property
    def command_id(self) -> str:
        """The id under which the journal knows it."""
        return http_command_id(self.asker, self.method, self.path, self.key)

    @property
    def late(self) -> float:
        """Seconds that it waited in the driver."""
        return max(0.0, self.tries[0].at - self.due) if self.tries else 0.0


@dataclass(slots=True)
class Ledger:
    """seconds: from the first request to the last answer. driver: processor seconds that sending took.

    told: where the driver keeps no answers, how many were accepted; every line's outcome is unknown then. cut: how many
    more may have been carried out, because nobody waited for their answer.
    """

    lines: list[Line] = field(default_factory=list)
    seconds: float = 0.0
    driver: float = 0.0
    told: int | None = None
    cut: int = 0

    def count(self) -> dict[str, int]:
        return dict(Counter(line.outcome for line in self.lines))

    def acts(self) -> dict[str, dict[str, int]]:
        """Outcomes of each kind of request, but for answers to events."""
        found: dict[str, Counter[str]] = {}
        for line in self.lines:
            if line.act != "rsvp":
                found.setdefault(line.act, Counter())[line.outcome] += 1
        return {act: dict(outcomes) for act, outcomes in sorted(found.items())}

    def answers(self) -> dict[str, int]:
        """How often each HTTP status was heard; 0: nothing came."""
        heard = Counter(one.answer for line in self.lines for one in line.tries)
        return {str(status): number for status, number in sorted(heard.items())}

    @property
    def accepted(self) -> int:
        return sum(line.outcome == "accepted" for line in self.lines) if self.told is None else self.told

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the requests was answered, retries included."""
        times = sorted(line.seconds for line in self.lines if line.outcome != "unknown")
        return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0


def together(ledgers: Sequence[Ledger]) -> Ledger:
    """One ledger of those that were kept at the same time."""
    lines = [line for ledger in ledgers for line in ledger.lines]
    return Ledger(lines, max((ledger.seconds for ledger in ledgers), default=0.0))
