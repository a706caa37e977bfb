"""What leaders do about the people of their group."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from groups_service.domain import people
from groups_service.domain.membership import (
    NOT_ALLOWED,
    Banned,
    Door,
    Joined,
    Membership,
    Rejected,
    Removed,
    Requested,
    RoleChanged,
    State,
    Unbanned,
    evolve,
    join,
)
from groups_service.domain.permission import ROLES, Role
from groups_service.domain.refusal import Refused

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
NOBODY = Membership("g", "ada")
PENDING = replace(NOBODY, state="pending", answers=("because",), version=1)
ACTIVE = replace(NOBODY, state="active", version=1)
GONE = replace(NOBODY, state="left", version=2)
BANNED = replace(NOBODY, state="banned", version=2)
ORGANIZER = Membership("g", "olga", state="active", role="organizer", version=1)
ASSISTANT = Membership("g", "asa", state="active", role="assistant_organizer", version=1)


def reason(decided: object) -> str:
    assert isinstance(decided, Refused)
    return decided.reason


def test_leaders_say_yes_and_no() -> None:
    assert people.approve(ORGANIZER, PENDING) == [Joined("g", "ada", "member", ("because",), approved_by="olga")]
    assert people.reject(ORGANIZER, PENDING) == [Rejected("g", "ada", "olga")]
    assert people.approve(ORGANIZER, ACTIVE) == []
    assert reason(people.approve(ORGANIZER, GONE)) == reason(people.reject(ORGANIZER, ACTIVE)) == "no-request"


def test_members_do_not() -> None:
    assert people.approve(ACTIVE, PENDING) == people.reject(PENDING, PENDING) == NOT_ALLOWED


def test_who_is_removed_may_ask_again() -> None:
    assert people.remove(ASSISTANT, ACTIVE) == [Removed("g", "ada", "asa")]
    removed = evolve(ACTIVE, Removed("g", "ada", "asa"), NOW)
    assert removed.state == "removed"
    assert join(removed, Door("approval"), None) == [Requested("g", "ada", ())]


def test_who_is_banned_may_not() -> None:
    assert people.ban(ASSISTANT, ACTIVE) == [Banned("g", "ada", "asa", "active")]
    banned = evolve(ACTIVE, Banned("g", "ada", "asa", "active"), NOW)
    assert reason(join(banned, Door("open"), None)) == "banned"


@pytest.mark.parametrize("before", [PENDING, GONE, replace(GONE, state="removed")])
def test_who_asks_or_was_there_can_be_banned(before: Membership) -> None:
    assert people.ban(ORGANIZER, before) == [Banned("g", "ada", "olga", before.state)]


def test_a_ban_survives_leaving_and_ends_with_the_right_to_ask_again() -> None:
    assert people.unban(ORGANIZER, BANNED) == [Unbanned("g", "ada", "olga")]
    after = evolve(BANNED, Unbanned("g", "ada", "olga"), NOW)
    assert after.state == "removed"
    assert join(after, Door("open"), None) == [Joined("g", "ada", "member", ())]


def test_doing_it_twice_changes_nothing() -> None:
    for gone in (GONE, BANNED, replace(GONE, state="removed")):
        assert people.remove(ORGANIZER, gone) == []
    assert people.ban(ORGANIZER, BANNED) == []
    for allowed in (PENDING, ACTIVE, GONE):
        assert people.unban(ORGANIZER, allowed) == []


def test_nobody_is_put_out_who_never_was_there() -> None:
    for act in (people.remove, people.ban, people.unban):
        assert reason(act(ORGANIZER, NOBODY)) == "not-a-member"
    assert reason(people.remove(ORGANIZER, PENDING)) == "not-a-member"


@pytest.mark.parametrize("by", ROLES)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", [people.remove, people.ban])
def test_who_has_a_role_is_put_out_by_who_could_take_it(act: people.Rule, by: Role, role: Role) -> None:
    decided = act(replace(ORGANIZER, role=by), replace(ACTIVE, role=role))
    if by in ("event_organizer", "member"):
        assert decided == NOT_ALLOWED
    elif role == "organizer":
        assert reason(decided) == "organizer-stays"
    elif role == "member" or by in ("organizer", "co_organizer"):
        assert not isinstance(decided, Refused)
    else:
        assert decided == NOT_ALLOWED


@pytest.mark.parametrize("state", ["none", "pending", "left", "removed", "banned"])
def test_who_is_not_active_leads_nobody(state: State) -> None:
    actor = replace(ORGANIZER, state=state)
    for act in (people.approve, people.reject, people.remove, people.ban, people.unban):
        assert act(actor, PENDING) == NOT_ALLOWED
    assert people.change_role(actor, ACTIVE, "co_organizer") == NOT_ALLOWED


def test_roles_are_given_to_members() -> None:
    assert people.change_role(ORGANIZER, ACTIVE, "event_organizer") == [
        RoleChanged("g", "ada", "olga", "event_organizer")
    ]
    assert people.change_role(ORGANIZER, ACTIVE, "member") == []
    assert reason(people.change_role(ORGANIZER, PENDING, "co_organizer")) == "not-a-member"


def test_the_organizer_hands_over_and_stays_as_co_organizer() -> None:
    facts = people.change_role(ORGANIZER, ACTIVE, "organizer")
    assert facts == [RoleChanged("g", "olga", "olga", "co_organizer"), RoleChanged("g", "ada", "olga", "organizer")]


def test_nobody_takes_the_organizers_role() -> None:
    second = replace(ACTIVE, role="co_organizer")
    assert reason(people.change_role(second, ORGANIZER, "member")) == "organizer-stays"
    assert people.change_role(second, second, "organizer") == NOT_ALLOWED
    assert reason(people.change_role(ORGANIZER, ORGANIZER, "member")) == "organizer-stays"
