"""A group that nobody organizes: how long it may be so, who offers to do it, and how many want whom."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from groups_service.domain.membership import Voted

GRACE: Final = timedelta(days=15)
FROZEN: Final = timedelta(days=15)
VOTING: Final = timedelta(days=3)
"""From the first offer to the decision."""
MOST_CANDIDATES: Final = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who offers. number: of this candidature among all the group ever saw; votes: of active members."""

    member_id: str
    number: int
    since: datetime
    votes: int = 0


@dataclass(frozen=True, slots=True)
class Vacancy:
    """decides_at: when the vote ends, while there are candidates, who are in the order of their offers."""

    freezes_at: datetime
    closes_at: datetime
    decides_at: datetime | None = None
    candidates: tuple[Candidate, ...] = ()

    def candidate(self, member_id: str) -> Candidate | None:
        """The candidature of this member."""
        return next((one for one in self.candidates if one.member_id == member_id), None)

    def stands(self, number: int | None) -> bool:
        """Whether this candidature is one of those to choose from."""
        return any(one.number == number for one in self.candidates)

    @property
    def ranked(self) -> list[Candidate]:
        """Who has most votes first; among equals, who offered first."""
        return sorted(self.candidates, key=lambda one: (-one.votes, one.number))


@dataclass(frozen=True, slots=True)
class OrganizerLeft:
    """The times are absent when the group is closed: nobody needs to follow."""

    group_id: str
    by: str
    freezes_at: datetime | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class SteppedUp:
    """Offers to organize the group. decides_at: when the vote ends."""

    group_id: str
    by: str
    number: int
    decides_at: datetime


@dataclass(frozen=True, slots=True)
class SteppedBack:
    """A candidate is no member any more."""

    group_id: str
    by: str
    number: int


@dataclass(frozen=True, slots=True)
class VoteLost:
    """Somebody who had voted is no member any more."""

    group_id: str
    by: str
    number: int


@dataclass(frozen=True, slots=True)
class Froze:
    """Nobody stepped up in time; there are no new events until somebody does."""

    group_id: str


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The group has an organizer again."""

    group_id: str
    organizer_id: str


@dataclass(frozen=True, slots=True)
class Closed:
    """For good. by: the organizer, or None when nobody stepped up."""

    group_id: str
    by: str | None


Fact = OrganizerLeft | SteppedUp | SteppedBack | VoteLost | Froze | Succeeded | Closed


def evolve(vacancy: Vacancy, fact: SteppedUp | SteppedBack | VoteLost | Voted, now: datetime) -> Vacancy:
    """The vacancy after somebody offered, went, chose, or is not there to be counted any more."""
    match fact:
        case SteppedUp(_, member_id, number, decides_at):
            candidates = (*vacancy.candidates, Candidate(member_id, number, now))
            return replace(vacancy, candidates=candidates, decides_at=decides_at)
        case SteppedBack(_, _, number):
            candidates = tuple(one for one in vacancy.candidates if one.number != number)
            return replace(vacancy, candidates=candidates, decides_at=vacancy.decides_at if candidates else None)
        case VoteLost(_, _, number):
            return _counted(vacancy, number, -1)
        case Voted(_, _, number, instead_of):
            after = vacancy if instead_of is None else _counted(vacancy, instead_of, -1)
            return _counted(after, number, 1)


def _counted(vacancy: Vacancy, number: int, votes: int) -> Vacancy:
    counted = (replace(one, votes=one.votes + votes) if one.number == number else one for one in vacancy.candidates)
    return replace(vacancy, candidates=tuple(counted))
