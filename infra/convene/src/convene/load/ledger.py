"""What callers asked and heard."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["accepted", "refused", "unknown"]


@dataclass(slots=True)
class Line:
    """One request, however often it was sent. `seq`, `status`: of the accepted RSVP; `tries`: how often it was sent."""

    member_id: str
    event_id: str
    response: str
    guests: int
    key: str
    outcome: Outcome = "unknown"
    status: str | None = None
    seq: int | None = None
    tries: int = 0
    seconds: float = 0.0
    contradicted: bool = False


@dataclass(slots=True)
class Ledger:
    """seconds: from the first request to the last answer."""

    lines: list[Line] = field(default_factory=list)
    seconds: float = 0.0

    def count(self) -> dict[str, int]:
        return dict(Counter(line.outcome for line in self.lines))

    @property
    def accepted(self) -> int:
        return sum(line.outcome == "accepted" for line in self.lines)

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the requests was answered, retries included."""
        times = sorted(line.seconds for line in self.lines if line.outcome != "unknown")
        return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0
