"""What a pass found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chassis.mongo import Document

EXAMPLES = 5
"""How many of each kind are named; the rest are only counted."""


class Stale(RuntimeError):
    """What was remembered no longer fits (trimmed, truncated, made anew): the pass has to begin from the start."""


@dataclass(slots=True)
class Findings:
    """Damage by kind: how much, and the first few by name. A kind that was looked for and not found counts 0."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def looked_for(self, *kinds: str) -> None:
        for kind in kinds:
            self.counts.setdefault(kind, 0)

    def add(self, kind: str, example: str, count: int = 1) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + count
        named = self.examples.setdefault(kind, [])
        if len(named) < EXAMPLES:
            named.append(example)

    def add_all(self, found: Mapping[str, Iterable[str]]) -> None:
        for kind, names in found.items():
            self.looked_for(kind)
            for name in names:
                self.add(kind, name)

    def take(self, other: "Findings") -> None:
        """Add what another part of the pass found."""
        for kind, count in other.counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + count
        for kind, names in other.examples.items():
            mine = self.examples.setdefault(kind, [])
            mine += names[: EXAMPLES - len(mine)]

    @property
    def sound(self) -> bool:
        return not any(self.counts.values())


@dataclass(frozen=True)
class Report:
    """damage: must be 0, always. behind: must become 0 once nothing new is decided.

    counted: how much was looked at. confirmed: by lane, the batch up to which journal and topics were found to agree.
    examples: of each kind of damage the first few, by name.
    """

    damage: dict[str, int]
    behind: dict[str, int]
    counted: dict[str, int] = field(default_factory=dict)
    confirmed: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        return not any(self.damage.values())

    @property
    def settled(self) -> bool:
        return self.sound and not any(self.behind.values())

    def document(self) -> Document:
        return {
            "sound": self.sound,
            "settled": self.settled,
            "damage": self.damage,
            "behind": self.behind,
            "counted": self.counted,
            "confirmed": self.confirmed,
            "examples": self.examples,
        }
