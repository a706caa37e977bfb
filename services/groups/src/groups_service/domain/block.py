"""Blocks: two members of whom one does not want to meet the other. Neither sees the other in lists."""

from dataclasses import dataclass

from groups_service.domain.refusal import Refused


@dataclass(frozen=True, slots=True)
class Blocked:
    """The other is not told."""

    member_id: str
    other_id: str


@dataclass(frozen=True, slots=True)
class Unblocked:
    member_id: str
    other_id: str


Fact = Blocked | Unblocked


def block(member_id: str, other_id: str, *, already: bool) -> list[Fact] | Refused:
    """Blocking twice changes nothing."""
    if member_id == other_id:
        return Refused("oneself", "Nobody can block themselves.")
    return [] if already else [Blocked(member_id, other_id)]


def unblock(member_id: str, other_id: str, *, already: bool) -> list[Fact]:
    """`already`: blocked. Taking back what is not there changes nothing."""
    return [Unblocked(member_id, other_id)] if already else []
