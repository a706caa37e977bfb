"""What is done to a running platform, and when."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["kill", "stop", "freeze", "crash", "storm", "power", "scramble"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing done to one process.

    victim: a process' name; or a part that processes compete for (`writer`, `bystander`, `publisher`): who has it is
        found when it is time; or `everything`.
    at: once this share of its round's requests has been answered, 0 to 1.
    hold: seconds until its cause is taken away: the victim thawed, or allowed to start again.
    detail: of a crash its place, as in `chassis.crash`; of a scramble what decides the order.
    """

    kind: Kind
    victim: str
    at: float
    hold: float = 0.0
    detail: str = ""

    def __str__(self) -> str:
        held = f" for {self.hold:g} s" if self.hold else ""
        where = f" at {self.detail}" if self.kind == "crash" else ""
        return f"{self.kind} {self.victim}{where}{held}"


Round = tuple[Fault, ...]
"""Faults that are done while one share of the requests is sent; the next round begins when all have recovered. Without
any it is a calm one."""
