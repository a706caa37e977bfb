"""What goes wrong, drawn from the seed: each seed breaks a few things and leaves the others alone."""

from dataclasses import dataclass, field
from random import Random

KINDS = (
    "kill", "stop", "freeze", "cut", "database", "clock", "broker", "lost", "forgets", "slow", "cancel", "lanes",
)  # fmt: skip


@dataclass(slots=True)
class Faults:
    """kinds: what may go wrong in this seed; rate: how often a call is lost."""

    rng: Random
    kinds: frozenset[str]
    rate: float
    on: bool = True
    cut: set[str] = field(default_factory=set)

    @classmethod
    def drawn(cls, rng: Random) -> "Faults":
        kinds = frozenset(kind for kind in KINDS if rng.random() < rng.choice((0.1, 0.35, 0.6)))
        return cls(rng, kinds, rng.choice((0.005, 0.02, 0.05, 0.15)))

    def fate(self, label: str) -> str:
        """Of one call: "" (arrives and is answered), "before" (never arrives), "after" (arrives, the answer is lost),
        "late" (arrives long after the caller was told of an error)."""
        if not self.on:
            return ""
        if label in self.cut:
            return self.rng.choice(("before", "after", "late"))
        if "lost" in self.kinds and self.rng.random() < self.rate:
            return self.rng.choice(("before", "after", "after", "late"))
        return ""

    def forgets(self) -> bool:
        """Whether the server forgets a commit before it is asked again."""
        return self.on and "forgets" in self.kinds and self.rng.random() < 0.3

    def delay(self) -> float:
        """Seconds one way."""
        chance = self.rng.random()
        if self.on and "slow" in self.kinds and chance < 0.02:
            return self.rng.uniform(0.02, 0.6)
        return 0.0003 + (0.004 if chance < 0.9 else 0.02) * self.rng.random()

    def long(self) -> float:
        """Seconds until a late call arrives."""
        return self.rng.choice((0.02, 0.2, 1.0, 2.5)) * self.rng.random()
