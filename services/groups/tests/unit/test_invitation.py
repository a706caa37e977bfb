"""Invitations: whom they let in, and until when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from groups_service.domain.invitation import (
    A_DAY,
    AGAIN_AFTER,
    MOST_A_DAY,
    OVERTAKEN,
    UNKNOWN,
    Accepted,
    Given,
    Invitation,
    Invited,
    Opened,
    Revoked,
    accept,
    evolve,
    invite,
    open_to_all,
    revoke,
)
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
from groups_service.store.invitation import document_of, invitation_of

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
HOUR, LATER = timedelta(hours=1), NOW + timedelta(days=14)
OLGA = Membership("g", "olga", state="active", role="organizer", version=1)
ADA = Membership("g", "ada")
SHUT = Door("closed")
INVITATION = Invitation("i", "g", "ada", "olga", NOW, LATER)
OPEN = replace(INVITATION, member_id=None, uses=2)


def reason(decided: object) -> str:
    assert isinstance(decided, Refused)
    return decided.reason


def asked(
    actor: Membership,
    whom: Membership,
    door: Door,
    *,
    before: Invitation | None = None,
    now: datetime = NOW,
    apart: bool = False,
    lately: Sequence[Given] = (),
) -> object:
    return invite(
        actor, whom, door, before=before, invitation_id="i", expires_at=LATER, now=now, apart=apart, lately=lately
    )


@pytest.mark.parametrize("mode", ["open", "approval", "closed"])
@pytest.mark.parametrize("role", ROLES)
def test_leaders_invite_in_every_mode(role: Role, mode: str) -> None:
    door = Door(mode)  # type: ignore[arg-type] # a parameter is a text
    decided = asked(replace(OLGA, role=role), ADA, door)
    leads = role in ("organizer", "co_organizer", "assistant_organizer")
    assert decided == ([Invited("g", "ada", "olga", "i", LATER)] if leads else NOT_ALLOWED)


def test_whoever_is_a_member_or_banned_is_not_invited() -> None:
    states: dict[State, str] = {"active": "is-a-member", "banned": "banned"}
    for state, why in states.items():
        assert reason(asked(OLGA, replace(ADA, state=state), SHUT)) == why
    assert asked(OLGA, ADA, replace(SHUT, shut=True)) == CLOSED


def test_there_is_one_open_invitation_for_each_and_none_soon_after_it_was_taken_back() -> None:
    torn, made = replace(INVITATION, revoked=True), [Invited("g", "ada", "olga", "i", LATER)]
    assert asked(OLGA, ADA, SHUT, before=INVITATION) == []
    assert asked(OLGA, ADA, SHUT, before=INVITATION, now=LATER) == made
    assert asked(OLGA, ADA, SHUT, before=replace(INVITATION, used_by=("ada",))) == made
    assert reason(asked(OLGA, ADA, SHUT, before=torn, now=NOW + AGAIN_AFTER - timedelta(seconds=1))) == "invited-lately"
    assert asked(OLGA, ADA, SHUT, before=torn, now=NOW + AGAIN_AFTER) == made


def test_what_becomes_of_an_invitation_is_counted_also_that_it_is_given_anew() -> None:
    fresh = evolve(None, Invited("g", "ada", "olga", "i", LATER), NOW)
    assert (fresh.version, fresh.updated_at) == (1, None)
    used = evolve(fresh, Accepted("g", "ada", "i"), NOW + HOUR)
    assert (used.version, used.created_at, used.updated_at) == (2, NOW, NOW + HOUR)
    anew = evolve(used, Invited("g", "ada", "olga", "i", LATER), LATER)
    assert (anew.version, anew.created_at, anew.updated_at) == (3, LATER, None)


def test_nobody_is_invited_more_often_in_a_day_than_is_bearable() -> None:
    ago = [Given(NOW - timedelta(hours=hours), "bo", told=True) for hours in range(MOST_A_DAY)]
    assert reason(asked(OLGA, ADA, SHUT, lately=ago)) == "invited-often"
    made = [Invited("g", "ada", "olga", "i", LATER)]
    assert asked(OLGA, ADA, SHUT, lately=ago[1:]) == made
    assert asked(OLGA, ADA, SHUT, lately=[*ago[1:], replace(ago[0], at=NOW - A_DAY)]) == made
    assert asked(OLGA, ADA, SHUT, lately=ago, before=INVITATION) == []
    assert asked(replace(OLGA, role="member"), ADA, SHUT, lately=ago) == NOT_ALLOWED


def test_what_a_block_keeps_from_somebody_takes_nobody_elses_place_and_does_not_show() -> None:
    kept_away = [Given(NOW, "olga", told=False)] * MOST_A_DAY
    assert reason(asked(OLGA, ADA, SHUT, lately=kept_away, apart=True)) == "invited-often"
    assert asked(replace(OLGA, member_id="bo"), ADA, SHUT, lately=kept_away) == [Invited("g", "ada", "bo", "i", LATER)]
    reached = [replace(one, told=True) for one in kept_away]
    assert reason(asked(replace(OLGA, member_id="bo"), ADA, SHUT, lately=reached, apart=True)) == "invited-often"


def test_who_is_apart_by_a_block_is_not_told_and_who_invites_not_either() -> None:
    assert asked(OLGA, ADA, SHUT, apart=True) == [Invited("g", "ada", "olga", "i", LATER, told=False)]


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


@pytest.mark.parametrize("role", ROLES)
def test_leaders_make_open_invitations_and_take_them_back(role: Role) -> None:
    leads = role in ("organizer", "co_organizer", "assistant_organizer")
    actor = replace(OLGA, role=role)
    opened = open_to_all(actor, SHUT, invitation_id="i", uses=2, expires_at=LATER)
    assert opened == ([Opened("g", "olga", "i", 2, LATER)] if leads else NOT_ALLOWED)
    assert evolve(None, Opened("g", "olga", "i", 2, LATER), NOW) == OPEN
    assert revoke(actor, OPEN, NOW) == ([Revoked("g", "olga", "i")] if leads else NOT_ALLOWED)
    assert revoke(actor, INVITATION, NOW) == ([Revoked("g", "olga", "i")] if leads else NOT_ALLOWED)


def test_no_open_invitation_into_a_closed_group() -> None:
    assert open_to_all(OLGA, replace(SHUT, shut=True), invitation_id="i", uses=2, expires_at=LATER) == CLOSED


def test_an_open_invitation_lets_in_whoever_holds_it_each_once_and_no_more_than_its_uses() -> None:
    joined = Joined("g", "bo", "member", (), approved_by="olga")
    assert accept(OPEN, Membership("g", "bo"), SHUT, NOW) == [Accepted("g", "bo", "i"), joined]
    once = evolve(OPEN, Accepted("g", "bo", "i"), NOW)
    assert reason(accept(once, Membership("g", "bo", state="left"), SHUT, NOW)) == "invitation-used"
    assert accept(once, Membership("g", "bo", state="active"), SHUT, NOW) == []
    full = evolve(once, Accepted("g", "cy", "i"), NOW)
    assert full.state(NOW) == full.state(LATER) == "used"
    assert reason(accept(full, ADA, SHUT, NOW)) == "invitation-used"


def put_out(*, hours: int) -> Membership:
    """Ada, put out so long after the invitations were made, or refused what she asked."""
    return replace(ADA, state="removed", version=2, updated_at=NOW + timedelta(hours=hours))


@pytest.mark.parametrize("invitation", [INVITATION, OPEN], ids=["named", "open"])
def test_who_is_put_out_does_not_come_back_by_an_invitation_from_before(invitation: Invitation) -> None:
    assert accept(invitation, put_out(hours=1), Door("approval"), NOW + 2 * HOUR) == OVERTAKEN
    assert isinstance(accept(invitation, put_out(hours=-1), Door("approval"), NOW + 2 * HOUR), list)
    away = replace(put_out(hours=1), state="left")
    assert isinstance(accept(invitation, away, Door("approval"), NOW + 2 * HOUR), list), "who went may come back"


def test_who_was_put_out_since_is_invited_anew_and_not_at_once() -> None:
    out = put_out(hours=1)
    assert reason(asked(OLGA, out, SHUT, before=INVITATION, now=NOW + 2 * HOUR)) == "invited-lately"
    assert asked(OLGA, out, SHUT, before=INVITATION, now=NOW + AGAIN_AFTER) == [Invited("g", "ada", "olga", "i", LATER)]
    assert asked(OLGA, put_out(hours=-1), SHUT, before=INVITATION, now=NOW + AGAIN_AFTER) == []


def test_an_open_invitation_opens_no_door_to_the_banned() -> None:
    assert accept(OPEN, replace(ADA, state="banned"), SHUT, NOW) == BANNED
    assert reason(accept(OPEN, ADA, SHUT, LATER)) == "invitation-expired"


def test_what_is_taken_back_lets_nobody_in_and_what_lets_nobody_in_is_not_taken_back() -> None:
    gone = evolve(OPEN, Revoked("g", "olga", "i"), NOW)
    assert gone.state(NOW) == gone.state(LATER) == "revoked"
    assert reason(accept(gone, ADA, SHUT, NOW)) == "invitation-revoked"
    assert accept(gone, replace(ADA, state="active"), SHUT, NOW) == []
    used = replace(OPEN, uses=1, used_by=("bo",))
    for dead, now in ((gone, NOW), (used, NOW), (OPEN, LATER)):
        assert revoke(OLGA, dead, now) == []


def test_a_group_takes_back_its_own_invitations_alone() -> None:
    for other in (None, replace(OPEN, group_id="h")):
        assert reason(revoke(OLGA, other, NOW)) == "invitation-not-found"


def test_what_a_later_release_wrote_besides_is_no_obstacle() -> None:
    known = Invitation("i", "g", "ada", "olga", NOW, NOW + A_DAY)
    assert invitation_of({**document_of(known), "mood": "warm"}) == known
