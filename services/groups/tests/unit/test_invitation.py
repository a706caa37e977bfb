"""Invitations: whom they let in, and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from groups_service.domain.invitation import UNKNOWN, Accepted, Invitation, Invited, accept, evolve, invite
from groups_service.domain.membership import (
    BANNED,
    CLOSED,
    NOT_ALLOWED,
    PHOTO_MISSING,
    Door,
    Joined,
    Membership,
    State,
)
from groups_service.domain.permission import ROLES, Role
from groups_service.domain.refusal import Refused

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=14)
OLGA = Membership("g", "olga", state="active", role="organizer", version=1)
ADA = Membership("g", "ada")
SHUT = Door("closed")
INVITATION = Invitation("i", "g", "ada", "olga", NOW, LATER)


def reason(decided: object) -> str:
    assert isinstance(decided, Refused)
    return decided.reason


@pytest.mark.parametrize("mode", ["open", "approval", "closed"])
@pytest.mark.parametrize("role", ROLES)
def test_leaders_invite_in_every_mode(role: Role, mode: str) -> None:
    door = Door(mode)  # type: ignore[arg-type] # a parameter is a text
    decided = invite(replace(OLGA, role=role), ADA, door, invitation_id="i", expires_at=LATER)
    leads = role in ("organizer", "co_organizer", "assistant_organizer")
    assert decided == ([Invited("g", "ada", "olga", "i", LATER)] if leads else NOT_ALLOWED)


def test_whoever_is_a_member_or_banned_is_not_invited() -> None:
    states: dict[State, str] = {"active": "is-a-member", "banned": "banned"}
    for state, why in states.items():
        decided = invite(OLGA, replace(ADA, state=state), SHUT, invitation_id="i", expires_at=LATER)
        assert reason(decided) == why
    assert invite(OLGA, ADA, replace(SHUT, shut=True), invitation_id="i", expires_at=LATER) == CLOSED


@pytest.mark.parametrize("state", ["none", "pending", "left", "removed"])
def test_an_invitation_lets_its_person_in(state: State) -> None:
    who = replace(ADA, state=state, answers=("because",))
    joined = Joined("g", "ada", "member", ("because",), approved_by="olga")
    assert accept(INVITATION, who, SHUT, NOW) == [Accepted("g", "ada", "i"), joined]


def test_and_nobody_else() -> None:
    assert accept(INVITATION, replace(ADA, member_id="bo"), SHUT, NOW) == UNKNOWN
    assert accept(None, ADA, SHUT, NOW) == UNKNOWN


def test_it_expires() -> None:
    assert accept(INVITATION, ADA, SHUT, LATER - timedelta(milliseconds=1))
    assert reason(accept(INVITATION, ADA, SHUT, LATER)) == "invitation-expired"


def test_it_is_accepted_once() -> None:
    used = evolve(INVITATION, Accepted("g", "ada", "i"), NOW)
    assert reason(accept(used, replace(ADA, state="left"), SHUT, NOW)) == "invitation-used"
    assert accept(used, replace(ADA, state="active"), SHUT, NOW) == []


def test_it_opens_no_door_that_is_shut_for_everybody_or_for_them() -> None:
    assert accept(INVITATION, replace(ADA, state="banned"), SHUT, NOW) == BANNED
    assert accept(INVITATION, ADA, replace(SHUT, photo_missing=True), NOW) == PHOTO_MISSING
    assert accept(INVITATION, ADA, replace(SHUT, shut=True), NOW) == CLOSED
