"""Which messages of a batch are applied, which have been, and which wait: pure decisions over marks.

A parked subject comes first, the sequence second. On fact topics sequences have no gaps, so a higher one waits for
what is missing; on compacted topics any higher one counts. The first message ever seen of a subject is its base.
A deletion on a compacted topic waits for nobody: what it follows counts no more, and must not be kept.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal

from chassis.consumers.decode import Address, Decoded, Refusal
from chassis.frozen import frozen

UNSEEN = -1
"""The sequence of a mark whose subject has nothing applied yet."""

Reason = Literal["waiting", "gap", "unreadable", "newer", "rejected"]


class Verdict(Enum):
    APPLY = "applied"
    DUPLICATE = "duplicate"
    BEHIND = "behind"
    """Waits behind its subject's parked or missing message."""
    CULPRIT = "parked"
    """Cannot be applied: parks its subject."""
    ALONE = "alone"
    """Belongs to no readable subject: put aside without stopping anybody."""


@frozen
class Held:
    """Why a subject's messages are kept aside.

    reason: `waiting` = an earlier message is missing and may yet come; `gap` = it has not come in time, an alarm was
        raised; else the refusal of the message at `sequence`.
    """

    reason: Reason
    detail: str
    partition: int
    sequence: int

    @property
    def missing(self) -> bool:
        """Held for want of an earlier message: that message itself is welcome."""
        return self.reason in ("waiting", "gap")


@frozen
class Mark:
    """How far a subject has come, and whether its later messages are held."""

    sequence: int = UNSEEN
    held: Held | None = None


@dataclass(slots=True)
class Plan:
    """What is done with a batch. `marks`: those of the subjects it touches, as they are after it. `freed`: subjects
    that were held until a deletion came, and its sequence: what is parked up to it goes."""

    verdicts: list[tuple[Decoded, Verdict]] = field(default_factory=list)
    marks: dict[Address, Mark] = field(default_factory=dict)
    freed: dict[Address, int] = field(default_factory=dict)

    def having(self, *verdicts: Verdict) -> list[Decoded]:
        return [item for item, verdict in self.verdicts if verdict in verdicts]

    @property
    def only_duplicates(self) -> bool:
        return all(verdict is Verdict.DUPLICATE and not item.stored for item, verdict in self.verdicts)

    def free(self, deletion: Decoded, address: Address) -> None:
        """What is before the deletion in this batch is as good as applied."""
        self.freed[address] = deletion.sequence
        self.verdicts = [
            (item, Verdict.DUPLICATE if item.address == address and item.sequence <= deletion.sequence else verdict)
            for item, verdict in self.verdicts
        ]


def plan(
    items: Iterable[Decoded], marks: Mapping[Address, Mark], gapless: Callable[[str], bool], *, replaying: bool = False
) -> Plan:
    """Judge the messages one after another.

    replaying: the messages are the held ones of one subject, in order; what held them is looked at again.
    """
    result = Plan()
    for item in items:
        if item.address is None:
            result.verdicts.append((item, Verdict.ALONE if item.received is None else Verdict.APPLY))
            continue
        mark = result.marks.get(item.address) or marks.get(item.address, Mark())
        held = mark.held
        if replaying and item.address not in result.marks:
            mark = replace(mark, held=None)
        verdict, result.marks[item.address] = judge(item, mark, gapless(item.address.topic))
        if held is not None and verdict is Verdict.APPLY and item.deletes:
            result.free(item, item.address)
        result.verdicts.append((item, verdict))
    return result


def judge(item: Decoded, mark: Mark, gapless: bool) -> tuple[Verdict, Mark]:
    """What becomes of one message, and the subject's mark after it."""
    held = mark.held
    following = item.sequence == mark.sequence + 1 or mark.sequence == UNSEEN
    if item.sequence <= mark.sequence:
        return Verdict.DUPLICATE, mark
    if held is not None and not gapless and item.deletes:
        return Verdict.APPLY, Mark(item.sequence)
    if held is not None and not (held.missing and mark.sequence != UNSEEN and following):
        return Verdict.BEHIND, mark
    if gapless and not following:
        detail = f"{mark.sequence + 1} to {item.sequence - 1} missing"
        return Verdict.BEHIND, replace(mark, held=Held("waiting", detail, item.record.partition, item.sequence))
    if item.refusal is not None:
        return Verdict.CULPRIT, replace(mark, held=_held_by(item, item.refusal))
    return Verdict.APPLY, replace(mark, sequence=item.sequence)


def _held_by(item: Decoded, refusal: Refusal) -> Held:
    return Held(refusal.kind, refusal.detail, item.record.partition, item.sequence)


def groups(items: Iterable[Decoded]) -> list[list[Decoded]]:
    """By subject, each in order; a record without one is a group of its own."""
    out: dict[object, list[Decoded]] = {}
    for item in items:
        out.setdefault(item.address or item.record.id, []).append(item)
    return list(out.values())


def halves(items: list[Decoded]) -> tuple[list[Decoded], list[Decoded]]:
    """Two parts to look for a culprit in: whole subjects while there are several, then earlier and later messages."""
    parts = groups(items)
    if len(parts) > 1:
        middle = len(parts) // 2
        return [i for part in parts[:middle] for i in part], [i for part in parts[middle:] for i in part]
    middle = len(items) // 2
    return items[:middle], items[middle:]
