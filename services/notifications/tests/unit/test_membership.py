"""What a change of somebody's standing in a group tells, and whom."""

from datetime import UTC, datetime
from typing import Any

import pytest

from notifications_service.domain.membership import Change, Invitation, Refusal, of_membership
from notifications_service.domain.notice import Cause, Kind, Notice

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
INVITATION = Invitation("token", "olga", AT)


def told(said: str, state: str, *, actor: str | None = "olga", leaders: Any = (), **changes: Any) -> list[Notice]:
    change = Change(**{"said": said, "member": "ada", "group": "g", "state": state, **changes})
    return of_membership(change, leaders=leaders, cause=Cause("topic", "g", 4, AT, actor))


def kinds(notices: list[Notice]) -> list[tuple[Kind, str]]:
    return [(notice.kind, notice.recipient) for notice in notices]


def test_a_request_tells_each_leader_but_never_the_one_who_asks() -> None:
    asked = told("requested", "pending", actor="ada", leaders={"olga", "coco"})
    assert [notice.recipient for notice in asked] == ["coco", "olga"]
    assert {(notice.kind, notice.about) for notice in asked} == {(Kind.JOIN_ASKED, "ada")}
    again = told("requested", "pending", actor="ada", leaders={"ada", "olga"})
    assert [notice.recipient for notice in again] == ["olga"]


def test_editing_a_request_tells_nobody_again() -> None:
    assert told("requested", "pending", was="pending", actor="ada", leaders={"olga"}) == []


def test_only_a_leaders_yes_is_told() -> None:
    yes = told("joined", "active", was="pending", approved=True)
    assert kinds(yes) == [(Kind.JOIN_APPROVED, "ada")]
    assert told("joined", "active", actor="ada") == []
    assert told("joined", "active", was="pending", actor="ada", approved=True) == []
    assert told("left", "left", was="active", actor="ada") == []


def test_a_leaders_no_to_a_request_is_told_to_who_asked() -> None:
    [no] = told("rejected", "removed", was="pending")
    assert (no.kind, no.recipient, no.about, no.details) == (Kind.JOIN_REFUSED, "ada", None, {})
    assert told("left", "left", was="pending", actor="ada") == []


def test_a_ban_tells_exactly_what_removing_tells() -> None:
    [removed], [banned] = told("removed", "removed", was="active"), told("banned", "banned", was="active")
    assert removed == banned
    assert (removed.kind, removed.about, removed.details) == (Kind.GROUP_REMOVED, None, {})


def test_a_ban_of_who_asks_tells_exactly_what_a_no_tells() -> None:
    assert told("banned", "banned", was="pending") == told("rejected", "removed", was="pending")


@pytest.mark.parametrize("was", ["none", "left", "removed", "banned", None])
def test_a_ban_that_ends_nothing_is_not_told(was: str | None) -> None:
    assert told("banned", "banned", was=was) == []


def test_letting_somebody_ask_again_is_not_told() -> None:
    assert told("unbanned", "removed", was="banned") == []


def test_another_role_is_told_to_who_has_it_now_unless_they_gave_it() -> None:
    [given] = told("role-changed", "active", was="active", role="co_organizer")
    assert (given.kind, given.recipient, given.details) == (Kind.ROLE_CHANGED, "ada", {"role": "co_organizer"})
    assert told("role-changed", "active", was="active", role="co_organizer", actor="ada") == []
    assert len(told("role-changed", "active", was="active", role="organizer", actor=None)) == 1


@pytest.mark.parametrize("state", ["none", "pending", "left"])
def test_an_invitation_is_told_to_who_is_invited_whatever_they_are_to_the_group(state: str) -> None:
    [invited] = told("invited", state, invitation=INVITATION, leaders={"coco"})
    assert (invited.kind, invited.recipient, invited.about) == (Kind.GROUP_INVITED, "ada", "olga")
    assert invited.details == {"token": "token", "expires_at": "2026-05-01T12:00:00+00:00"}


@pytest.mark.parametrize("reason", ["by-invitation", "group-closed", "photo-required"])
def test_who_could_not_join_by_an_rsvp_hears_why_although_they_are_the_actor(reason: str) -> None:
    [refused] = told("join-refused", "none", actor="ada", refusal=Refusal("e", reason))
    assert (refused.kind, refused.recipient, refused.event_id) == (Kind.JOIN_REFUSED, "ada", "e")
    assert refused.details == {"reason": reason}


@pytest.mark.parametrize(("state", "reason"), [("banned", "banned"), ("left", "membership-changed")])
def test_an_rsvp_tells_nobody_again_that_they_are_out(state: str, reason: str) -> None:
    assert told("join-refused", state, actor="ada", refusal=Refusal("e", reason)) == []
