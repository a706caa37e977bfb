"""Who follows an organizer who left: grace, frozen, offers and votes, closed (behaviour 2).

What is due by the clock happens before whatever is decided at that time, whether or not a worker has asked for it.
"""

from datetime import datetime

from groups_service.domain import chapter as chapters
from groups_service.domain import group as groups
from groups_service.domain.chapter import NetworkLeft
from groups_service.domain.group import Group
from groups_service.domain.membership import CLOSED, NOT_ALLOWED, Membership, RoleChanged, Voted
from groups_service.domain.permission import Action
from groups_service.domain.refusal import Refused
from groups_service.domain.vacancy import (
    FROZEN,
    GRACE,
    MOST_CANDIDATES,
    VOTING,
    Closed,
    Froze,
    OrganizerLeft,
    SteppedBack,
    SteppedUp,
    Succeeded,
    Vacancy,
    VoteLost,
)

Fact = (
    RoleChanged | Voted | OrganizerLeft | SteppedUp | SteppedBack | VoteLost | Froze | Succeeded | NetworkLeft | Closed
)

HAS_ORGANIZER = Refused("has-organizer", "This group has an organizer.")
NO_CANDIDATE = Refused("not-a-candidate", "They do not offer to organize this group.")


def left(group: Group, now: datetime) -> OrganizerLeft:
    """What the organizer's going means for the group: time for somebody else, unless it is closed anyway."""
    if group.organizer_id is None:
        raise ValueError("nobody organizes this group")
    if group.status == "closed":
        return OrganizerLeft(group.id, group.organizer_id, None, None)
    return OrganizerLeft(group.id, group.organizer_id, now + GRACE, now + GRACE + FROZEN)


def step_up(group: Group, member: Membership, now: datetime) -> list[Fact] | Refused:
    """Take the group over as a co-organizer, at once; or offer to. Doing it twice changes nothing."""
    vacancy = _open_to(group, member, Action.STEP_UP)
    if isinstance(vacancy, Refused):
        return [] if vacancy is HAS_ORGANIZER and member.role == "organizer" else vacancy
    if member.role == "co_organizer":
        return _succeeds(group, member.member_id)
    if vacancy.candidate(member.member_id) is not None:
        return []
    if len(vacancy.candidates) >= MOST_CANDIDATES:
        return Refused("too-many-candidates", "Enough people offer already: vote for one of them.")
    return [SteppedUp(group.id, member.member_id, group.candidatures + 1, vacancy.decides_at or now + VOTING)]


def vote(group: Group, member: Membership, candidate_id: str) -> list[Fact] | Refused:
    """Choose one of those who offer, oneself perhaps; another choice replaces it, the same again changes nothing."""
    vacancy = _open_to(group, member, Action.VOTE)
    if isinstance(vacancy, Refused):
        return vacancy
    candidate = vacancy.candidate(candidate_id)
    if candidate is None:
        return NO_CANDIDATE
    if member.vote == candidate.number:
        return []
    before = member.vote if vacancy.stands(member.vote) else None
    return [Voted(group.id, member.member_id, candidate.number, before)]


def _open_to(group: Group, member: Membership, action: Action) -> Vacancy | Refused:
    """The vacancy in which this person may do this."""
    if not member.may(action):
        return NOT_ALLOWED
    if group.status == "closed":
        return CLOSED
    return HAS_ORGANIZER if group.vacancy is None else group.vacancy


def gone(group: Group, member: Membership) -> list[Fact]:
    """What an active member who goes takes along: their vote and their offer."""
    vacancy = group.vacancy
    if vacancy is None:
        return []
    facts: list[Fact] = []
    if member.vote is not None and vacancy.stands(member.vote):
        facts.append(VoteLost(group.id, member.member_id, member.vote))
    offered = vacancy.candidate(member.member_id)
    if offered is not None:
        facts.append(SteppedBack(group.id, member.member_id, offered.number))
    return facts


def close(group: Group, member: Membership) -> list[Fact] | Refused:
    """Close the group for good; the organizer alone. Closing twice changes nothing."""
    if not member.may(Action.CLOSE_GROUP):
        return NOT_ALLOWED
    return [] if group.status == "closed" else _closes(group, member.member_id)


def due(group: Group) -> datetime | None:
    """When something happens by itself next. While somebody offers, closing waits for the vote."""
    vacancy = group.vacancy
    if vacancy is None:
        return None
    last = vacancy.decides_at or vacancy.closes_at
    return min(vacancy.freezes_at, last) if group.status == "grace" else last


def lapse(group: Group, now: datetime) -> list[Fact]:
    """What has happened by itself by now, in the order of its times."""
    facts: list[Fact] = []
    while True:
        at = due(group)
        if at is None or now < at:
            return facts
        step = _next(group, at)
        for fact in step:
            if not isinstance(fact, RoleChanged):
                group = groups.evolve(group, fact, now)
        facts += step


def _next(group: Group, at: datetime) -> list[Fact]:
    vacancy = _vacancy(group)
    if vacancy.decides_at == at:
        return _succeeds(group, vacancy.ranked[0].member_id)
    return [Froze(group.id)] if group.status == "grace" else _closes(group, None)


def _closes(group: Group, by: str | None) -> list[Fact]:
    return [*chapters.closing(group.id, group.affiliation, by), Closed(group.id, by)]


def _succeeds(group: Group, member_id: str) -> list[Fact]:
    return [RoleChanged(group.id, member_id, member_id, "organizer"), Succeeded(group.id, member_id)]


def _vacancy(group: Group) -> Vacancy:
    if group.vacancy is None:
        raise ValueError("this group has an organizer")
    return group.vacancy
