"""How people come into a group and go."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from groups_service.domain import membership as rules
from groups_service.domain.membership import (
    BANNED,
    BY_INVITATION,
    PHOTO_MISSING,
    AnswersChanged,
    Banned,
    Door,
    Erased,
    Joined,
    JoinRefused,
    Left,
    Membership,
    Rejected,
    Removed,
    Requested,
    Unbanned,
    evolve,
)
from groups_service.domain.refusal import Refused
from groups_service.store.membership import document_of, membership_of

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
NOBODY = Membership("g", "ada")
PENDING = replace(NOBODY, state="pending", answers=("because",), version=1)
ACTIVE = replace(NOBODY, state="active", version=1)
GONE = replace(NOBODY, state="left", version=2)
OPEN, APPROVAL, CLOSED = Door("open", questions=1), Door("approval", questions=1), Door("closed", questions=1)


def reason(decided: object) -> str:
    assert isinstance(decided, Refused)
    return decided.reason


def test_an_open_group_lets_people_in() -> None:
    assert rules.join(NOBODY, OPEN, ("hello",)) == [Joined("g", "ada", "member", ("hello",))]


def test_in_an_approval_group_people_ask() -> None:
    assert rules.join(NOBODY, APPROVAL, ("hello",)) == [Requested("g", "ada", ("hello",))]


def test_a_closed_group_is_by_invitation() -> None:
    assert rules.join(NOBODY, CLOSED, None) == BY_INVITATION


def test_asking_twice_changes_nothing() -> None:
    assert rules.join(ACTIVE, OPEN, ("other",)) == []
    assert rules.join(PENDING, APPROVAL, None) == []
    assert rules.join(PENDING, APPROVAL, PENDING.answers) == []


def test_answers_may_be_changed_while_the_request_waits() -> None:
    assert rules.join(PENDING, APPROVAL, ("better",)) == [AnswersChanged("g", "ada", ("better",))]


def test_there_are_no_more_answers_than_questions() -> None:
    assert reason(rules.join(NOBODY, APPROVAL, ("one", "two"))) == "too-many-answers"
    assert reason(rules.join(PENDING, APPROVAL, ("one", "two"))) == "too-many-answers"
    assert rules.join(NOBODY, APPROVAL, ()) == [Requested("g", "ada", ())]


def test_who_waits_comes_in_by_asking_again_once_the_group_is_open() -> None:
    assert rules.join(PENDING, OPEN, None) == [Joined("g", "ada", "member", PENDING.answers)]


@pytest.mark.parametrize("state", ["left", "removed"])
def test_who_left_or_was_removed_may_ask_again(state: rules.State) -> None:
    assert rules.join(replace(GONE, state=state), APPROVAL, ()) == [Requested("g", "ada", ())]


def test_the_banned_may_not() -> None:
    assert rules.join(replace(GONE, state="banned"), OPEN, None) == BANNED


def test_a_group_may_ask_for_a_photo() -> None:
    assert rules.join(NOBODY, Door("open", photo_missing=True), None) == PHOTO_MISSING
    assert rules.join(ACTIVE, Door("open", photo_missing=True), None) == []


def test_an_rsvp_brings_its_member_along() -> None:
    assert rules.join_for_event(NOBODY, OPEN, event_id="e", seen=0) == [Joined("g", "ada", "member", ())]
    assert rules.join_for_event(NOBODY, APPROVAL, event_id="e", seen=0) == [Requested("g", "ada", ())]


def test_an_rsvp_of_who_is_in_by_now_changes_nothing() -> None:
    assert rules.join_for_event(replace(ACTIVE, version=7), OPEN, event_id="e", seen=0) == []
    assert rules.join_for_event(PENDING, APPROVAL, event_id="e", seen=0) == []


def test_an_rsvp_from_before_leaving_does_not_bring_anybody_back() -> None:
    refused = [JoinRefused("g", "ada", "e", "membership-changed")]
    assert rules.join_for_event(GONE, OPEN, event_id="e", seen=1) == refused
    assert rules.join_for_event(GONE, OPEN, event_id="e", seen=GONE.version) == [Joined("g", "ada", "member", ())]


def test_who_comes_back_after_an_erasure_is_brought_along_like_anybody_new() -> None:
    erased = replace(GONE, erased=True, answers=())
    assert rules.join_for_event(erased, OPEN, event_id="e", seen=0) == [Joined("g", "ada", "member", ())]
    banned = replace(erased, state="banned")
    assert rules.join_for_event(banned, OPEN, event_id="e", seen=0) == [JoinRefused("g", "ada", "e", "banned")]


@pytest.mark.parametrize("state", ["none", "left"])
def test_who_was_refused_after_coming_back_is_brought_along_once_nothing_speaks_against_it(state: rules.State) -> None:
    forgotten = evolve(replace(NOBODY, state=state, version=2), Erased("g", "ada"), NOW)
    refused = rules.join_for_event(forgotten, Door("open", photo_missing=True), event_id="e", seen=0)
    assert refused == [JoinRefused("g", "ada", "e", "photo-required")]
    named = evolve(forgotten, refused[0], NOW)
    assert membership_of(document_of(named)) == named
    joined = rules.join_for_event(named, OPEN, event_id="f", seen=0)
    assert joined == [Joined("g", "ada", "member", ())]
    there = evolve(named, joined[0], NOW)
    assert (there.erased, there.named) == (False, False)
    gone = evolve(there, Left("g", "ada", "active"), NOW)
    assert rules.join_for_event(gone, OPEN, event_id="f", seen=0) == [
        JoinRefused("g", "ada", "f", "membership-changed")
    ], "what they did since is news"


def test_who_is_invited_after_coming_back_is_brought_along_all_the_same() -> None:
    named = rules.named(evolve(GONE, Erased("g", "ada"), NOW))
    assert rules.join_for_event(named, OPEN, event_id="e", seen=0) == [Joined("g", "ada", "member", ())]
    assert rules.erase(named) == [Erased("g", "ada")]


@pytest.mark.parametrize(
    ("membership", "door", "why"),
    [
        (replace(GONE, state="banned"), OPEN, "banned"),
        (NOBODY, CLOSED, "by-invitation"),
        (NOBODY, Door("open", photo_missing=True), "photo-required"),
        (NOBODY, Door("open", shut=True), "group-closed"),
    ],
)
def test_what_the_door_refuses_is_said(membership: Membership, door: Door, why: str) -> None:
    assert rules.join_for_event(membership, door, event_id="e", seen=0) == [JoinRefused("g", "ada", "e", why)]


def test_leaving() -> None:
    assert rules.leave(ACTIVE) == [Left("g", "ada", "active")]
    assert rules.leave(PENDING) == [Left("g", "ada", "pending")]
    assert rules.leave(GONE) == []
    assert reason(rules.leave(NOBODY)) == "not-a-member"


def test_who_leaves_and_returns_has_no_role() -> None:
    gone = evolve(replace(ACTIVE, role="co_organizer"), Left("g", "ada", "active"), NOW)
    assert (gone.state, gone.role, gone.version) == ("left", "member", 2)


@pytest.mark.parametrize(
    "fact",
    [
        Left("g", "ada", "active"),
        Removed("g", "ada", "olga"),
        Banned("g", "ada", "olga", "active"),
    ],
)
def test_the_row_stays_without_role_and_vote(fact: rules.Fact) -> None:
    before = replace(ACTIVE, role="co_organizer", answers=("because",), vote=3)
    gone = evolve(before, fact, NOW)
    assert (gone.role, gone.vote, gone.answers, gone.version) == ("member", None, ("because",), 2)
    assert rules.headcount([fact]) == -1


def test_only_who_was_active_is_counted_out() -> None:
    assert rules.headcount([Left("g", "ada", "pending"), Banned("g", "ada", "olga", "pending")]) == 0
    assert rules.headcount([Rejected("g", "ada", "olga"), Unbanned("g", "ada", "olga")]) == 0


def test_a_refused_join_leaves_the_membership_as_it_was() -> None:
    assert evolve(GONE, JoinRefused("g", "ada", "e", "banned"), NOW) == GONE


def test_who_only_asked_never_came_in_and_their_row_says_so() -> None:
    asked = Requested("g", "ada", ())
    for fact in (Left("g", "ada", "pending"), Rejected("g", "ada", "olga"), Banned("g", "ada", "olga", "pending")):
        gone = evolve(evolve(NOBODY, asked, NOW), fact, NOW)
        assert not gone.came_in
        assert membership_of(document_of(gone)) == gone
        member = evolve(gone, Joined("g", "ada", "member", ()), NOW)
        assert member.came_in
        assert membership_of(document_of(member)) == member
    old = {name: value for name, value in document_of(gone).items() if name != "came_in"}
    assert membership_of(old).came_in, "of a row from before it is not known"
    assert not membership_of({**old, "state": "pending"}).came_in
    assert not membership_of({**old, "erased": True}).came_in, "as little as of one that is erased today"
