"""What is said of what happened: the contract's types, the whole public state, nothing that is nobody's business."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.journal import Command, Outcome, Outgoing
from contracts.groups import BlockChanged, GroupState, MembershipState, MemberState
from groups_service import messages
from groups_service.domain import circle as circles
from groups_service.domain import membership as rules
from groups_service.domain.circle import Circle, Fact
from groups_service.domain.group import Changed, Details
from groups_service.domain.invitation import Invited
from groups_service.domain.member import Profile, describe
from groups_service.domain.refusal import Refused
from groups_service.domain.vacancy import Closed, Froze, OrganizerLeft, SteppedBack, SteppedUp, Succeeded
from groups_service.handlers.block import BLOCK, UNBLOCK, Pair, decide_block, decide_unblock
from groups_service.handlers.group import Situation
from groups_service.handlers.group import outcome as group_outcome
from groups_service.handlers.member import Known, decide_describe, decide_register

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
DAY = timedelta(days=1)
DETAILS = Details("jc-moms", "Jersey City Moms", "Jersey City", "US", 40.7, -74.0, "America/New_York")
COMMAND = Command(id="c", name="group.create", aggregate="g", body={}, actor="olga")


def facts(decided: list[Any] | Refused) -> list[Any]:
    assert not isinstance(decided, Refused)
    return decided


def told(circle: Circle, happened: Sequence[Fact]) -> list[Outgoing]:
    outcome: Outcome[Situation] = group_outcome(Situation(circle), list(happened), NOW)
    return list(messages.tell_circle(COMMAND, outcome, NOW).messages)


def founded() -> Circle:
    created = facts(circles.found("g", "olga", details=DETAILS, instead=[], taken=frozenset(), number=1))
    return circles.evolve(Circle(), created, NOW)


def test_founding_a_group_tells_of_the_group_and_then_of_its_organizer() -> None:
    created = circles.found("g", "olga", details=DETAILS, instead=[], taken=frozenset(), number=1)
    group, organizer = told(Circle(), facts(created))
    assert (group.type, group.subject, group.key, group.partition) == ("convene.groups.group.created.v1", "g", "g", "g")
    assert GroupState.model_validate_json(group.value or "").organizer_id == "olga"
    assert organizer.type == "convene.groups.membership.joined.v1"
    assert (organizer.subject, organizer.key, organizer.partition) == ("g", "g:olga", "g")
    assert MembershipState.model_validate_json(organizer.value or "").role == "organizer"


@pytest.mark.parametrize(
    ("fact", "happened", "approved"),
    [
        (rules.Requested("g", "ada", ("private words",)), "requested", False),
        (rules.Joined("g", "ada", "member", ("private words",)), "joined", False),
        (rules.Joined("g", "ada", "member", ("private words",), approved_by="olga"), "joined", True),
        (rules.Rejected("g", "ada", "olga"), "rejected", False),
        (rules.Left("g", "ada", "active"), "left", False),
        (rules.Removed("g", "ada", "olga"), "removed", False),
        (rules.Banned("g", "ada", "olga", "active"), "banned", False),
        (rules.Unbanned("g", "ada", "olga"), "unbanned", False),
        (rules.RoleChanged("g", "olga", "olga", "co_organizer"), "role-changed", False),
        (rules.JoinRefused("g", "ada", "e", "banned"), "join-refused", False),
    ],
)
def test_every_change_of_a_membership_is_told_without_answers(fact: rules.Fact, happened: str, approved: bool) -> None:
    [message] = told(founded(), [fact])
    assert message.type == f"convene.groups.membership.{happened}.v1"
    assert message.type in MembershipState.types
    assert "private words" not in (message.value or "")
    state = MembershipState.model_validate_json(message.value or "")
    assert message.key == f"g:{state.member_id}"
    assert (state.member_id, state.approved) == (fact.member_id, approved)


@pytest.mark.parametrize(
    ("fact", "was"),
    [
        (rules.Rejected("g", "ada", "olga"), "pending"),
        (rules.Left("g", "ada", "pending"), "pending"),
        (rules.Removed("g", "ada", "olga"), "active"),
        (rules.Banned("g", "ada", "olga", "left"), "left"),
        (rules.Unbanned("g", "ada", "olga"), "banned"),
        (rules.Joined("g", "ada", "member", ()), None),
        (rules.RoleChanged("g", "olga", "olga", "co_organizer"), None),
    ],
)
def test_what_ends_is_told_with_what_it_was(fact: rules.Fact, was: str | None) -> None:
    [message] = told(founded(), [fact])
    assert MembershipState.model_validate_json(message.value or "").was == was


def test_from_how_many_members_on_announcements_are_gathered_is_told_of_the_group() -> None:
    for wanted in (300, None):
        [message] = told(founded(), [Changed("g", "olga", {"digest_above": wanted, "city": "Hoboken"})])
        assert GroupState.model_validate_json(message.value or "").digest_above == wanted


def test_changed_answers_and_votes_are_nobodys_business() -> None:
    assert told(founded(), [rules.AnswersChanged("g", "ada", ("other words",))]) == []
    assert told(offered(), [rules.Voted("g", "olga", 1, None)]) == []


def vacant() -> Circle:
    return circles.evolve(founded(), [OrganizerLeft("g", "olga", NOW + 15 * DAY, NOW + 30 * DAY)], NOW)


def offered() -> Circle:
    return circles.evolve(vacant(), [SteppedUp("g", "olga", 1, NOW + 3 * DAY)], NOW)


def test_an_invitation_is_told_with_the_membership_as_it_is() -> None:
    [message] = told(founded(), [Invited("g", "ada", "olga", "i", NOW)])
    assert (message.type, message.key) == ("convene.groups.membership.invited.v1", "g:ada")
    state = MembershipState.model_validate_json(message.value or "")
    assert (state.state, state.version) == ("none", 0)
    assert state.invitation is not None
    assert (state.invitation.token, state.invitation.by) == ("i", "olga")


@pytest.mark.parametrize(
    ("before", "fact", "said"),
    [
        (founded, Changed("g", "olga", {"name": "Moms"}), "changed"),
        (founded, Changed("g", "olga", {"visibility": "private"}), "went-private"),
        (founded, OrganizerLeft("g", "olga", NOW, NOW), "organizer-left"),
        (vacant, SteppedUp("g", "olga", 1, NOW), "changed"),
        (offered, SteppedBack("g", "olga", 1), "changed"),
        (vacant, Froze("g"), "frozen"),
        (vacant, Succeeded("g", "olga"), "organizer-found"),
        (vacant, Closed("g", None), "closed"),
    ],
)
def test_every_change_of_a_group_is_told_with_its_whole_state(
    before: Callable[[], Circle], fact: Fact, said: str
) -> None:
    [message] = told(before(), [fact])
    assert message.type == f"convene.groups.group.{said}.v1"
    assert message.type in GroupState.types
    state = GroupState.model_validate_json(message.value or "")
    assert (state.group_id, state.version) == ("g", before().there.version + 1)


def test_a_vacancy_is_told_with_its_times_and_candidates_and_without_votes() -> None:
    [message] = told(vacant(), [SteppedUp("g", "olga", 1, NOW + 3 * DAY)])
    state = GroupState.model_validate_json(message.value or "")
    assert (state.status, state.organizer_id) == ("grace", None)
    assert json.loads(message.value or "")["succession"] == {
        "freezes_at": "2026-12-09T18:30:00Z",
        "closes_at": "2026-12-24T18:30:00Z",
        "decides_at": "2026-11-27T18:30:00Z",
        "candidates": ["olga"],
    }


def test_what_was_due_is_told_with_what_is_decided_in_one_message_about_the_group() -> None:
    happened: list[Fact] = [Froze("g"), SteppedUp("g", "olga", 1, NOW + 3 * DAY)]
    [message] = told(vacant(), happened)
    assert message.type == "convene.groups.group.frozen.v1"
    assert GroupState.model_validate_json(message.value or "").succession is not None


def test_handing_over_tells_of_both_and_of_the_group() -> None:
    ada = replace(rules.Membership("g", "ada"), state="active", version=1)
    circle = founded()
    with_ada = Circle(circle.group, {**circle.people, "ada": ada})
    happened = told(with_ada, facts(circles.give_role(with_ada, "olga", "ada", "organizer")))
    assert [(message.type.split(".")[-2], message.key) for message in happened] == [
        ("changed", "g"),
        ("role-changed", "g:olga"),
        ("role-changed", "g:ada"),
    ]
    assert json.loads(happened[0].value or "")["organizer_id"] == "ada"


def test_a_new_member_with_a_profile_is_one_message() -> None:
    profile = Profile(name="Ada", lat=51.5, lon=-0.1, bio="private words")
    command = Command("c", "member.describe", "ada", {**vars_of(profile)}, actor="ada")
    outcome = decide_describe(Known(None, 7), command, NOW)
    [message] = messages.tell_member(command, outcome, NOW).messages
    assert message.type == "convene.groups.member.registered.v1"
    state = MemberState.model_validate_json(message.value or "")
    assert (state.number, state.name, state.version) == (7, "Ada", 2)
    assert not {"lat", "lon", "bio"} & set(json.loads(message.value or ""))


def test_who_blocks_before_being_seen_is_registered_by_it() -> None:
    command = Command("c", BLOCK, "ada", {"other_id": "bo"}, actor="ada")
    outcome = decide_block(Pair(Known(None, 7), blocked=False), command, NOW)
    registered, made = messages.tell_pair(command, outcome, NOW).messages
    assert registered.type == "convene.groups.member.registered.v1"
    assert (made.topic, made.type, made.subject) == ("groups.block.v1", "convene.groups.block.made.v1", "ada")
    assert BlockChanged.model_validate_json(made.value or "") == BlockChanged(
        member_id="ada", other_id="bo", blocked=True
    )
    assert decide_block(outcome.state, command, NOW).facts == []


def test_a_block_taken_back_is_told_once() -> None:
    member = decide_register(Known(None, 7), Command("c", "member.register", "ada", {}), NOW).state
    command = Command("c", UNBLOCK, "ada", {"other_id": "bo"}, actor="ada")
    outcome = decide_unblock(Pair(member, blocked=True), command, NOW)
    [lifted] = messages.tell_pair(command, outcome, NOW).messages
    assert lifted.type == "convene.groups.block.lifted.v1"
    assert BlockChanged.model_validate_json(lifted.value or "").blocked is False
    assert decide_unblock(outcome.state, command, NOW).facts == []


def test_the_same_profile_again_is_no_change() -> None:
    command = Command("c", "member.describe", "ada", vars_of(Profile(name="Ada")), actor="ada")
    known = decide_describe(Known(None, 7), command, NOW).state
    assert describe(known.member, "ada", 8, Profile(name="Ada")) == []


def vars_of(profile: Profile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in Profile.__dataclass_fields__}
