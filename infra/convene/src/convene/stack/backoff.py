"""How long to wait before starting again what died."""

from dataclasses import dataclass

FIRST_S = 0.5
LONGEST_S = 30.0
STEADY_S = 10.0
"""A process that lived so long had started well: what kills it then is no reason to wait longer than the first time."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from half a second to half a minute while starts keep failing."""

    failures: int = 0

    def after_a_death(self, lived_s: float) -> "Backoff":
        """The state after a process that lived so many seconds ended by itself."""
        return Backoff(1 if lived_s >= STEADY_S else self.failures + 1)

    @property
    def delay_s(self) -> float:
        """Seconds to wait before the next start."""
        if self.failures == 0:
            return 0.0
        return min(LONGEST_S, FIRST_S * 2.0 ** min(self.failures - 1, 10))
