"""What a decision says when a rule forbids the wish."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refused:
    """reason: stable, for programs; detail: one sentence, for people."""

    reason: str
    detail: str
