"""What is played, what came of it, and what must hold."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from convene.chaos.fault import Fault
from convene.chaos.schedule import Schedule
from convene.load import Setting


@dataclass(frozen=True, slots=True)
class Happened:
    """One fault as it was done.

    victim: who it was; at_request: so many of the round's requests had been answered; during: answered while it lasted.
    ready_s, answered_s, told_s: from when the cause was gone until every process said it is ready, until the first
    RSVP sent afterwards was answered, until it was in its member's inbox. None: never.
    grown_mb: by how much the process that grew most grew meanwhile.
    """

    fault: Fault
    victim: str
    at_request: int
    lasted_s: float
    during: int
    grown_mb: float
    ready_s: float | None
    answered_s: float | None
    told_s: float | None


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario after its end.

    requests: accepted, refused, unknown. cut: not answered at once, and sent again under the same key. rates: RSVPs
    accepted a second, by round. wrong: as the audit counts. other_answers: repeats under the same key, at the very end,
    that were answered differently. settled: each service's books. busy: the machine's load average at the end.
    calm: the rate of the last round without a fault. turns: what became of turns in line.
    """

    scenario: str
    seed: int
    requests: Mapping[str, int]
    cut: int
    rates: tuple[float, ...]
    p99_s: float
    happened: tuple[Happened, ...]
    wrong: Mapping[str, int]
    repeated_mails: int
    other_answers: int
    settled: bool
    busy: float
    calm: float | None = None
    turns: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


Must = Callable[[Played], Iterable[str]]
"""What else must hold: a sentence for everything that does not."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """setting: of one round; each has its own events and members. rows: of the matrix of faults.

    replicas: how many of a process, by the variable that says it. recover_within: seconds from a fault's end until all
    are ready and an RSVP is answered; told_within: until it is in the inbox.
    """

    name: str
    rows: tuple[int, ...]
    says: str
    schedule: Schedule
    setting: Setting
    replicas: Mapping[str, str] = field(default_factory=dict)
    recover_within: float = 10.0
    told_within: float = 60.0
    must: tuple[Must, ...] = ()
