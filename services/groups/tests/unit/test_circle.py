"""A group and its people as one thing: edits, and what closing it means."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from groups_service.domain import circle as circles
from groups_service.domain import membership as rules
from groups_service.domain import people
from groups_service.domain.circle import Circle
from groups_service.domain.group import Details
from groups_service.domain.membership import CLOSED, Door, Joined, Left, Membership, Requested
from groups_service.domain.refusal import Refused
from groups_service.domain.succession import step_up, vote
from groups_service.domain.vacancy import Closed, OrganizerLeft

START = datetime(2026, 11, 24, tzinfo=UTC)
DETAILS = Details("jc-moms", "Jersey City Moms", "Jersey City", "US", 40.7, -74.0, "America/New_York")


def founded() -> Circle:
    facts = circles.found("g", "olga", details=DETAILS, instead=[], taken=frozenset(), number=1)
    assert not isinstance(facts, Refused)
    return circles.evolve(Circle(), facts, START)


def reason(decided: object) -> str:
    assert isinstance(decided, Refused)
    return decided.reason


def test_the_first_free_urlname_is_taken() -> None:
    facts = circles.found("g", "olga", details=DETAILS, instead=["b", "c"], taken=frozenset({"jc-moms", "b"}), number=1)
    assert not isinstance(facts, Refused)
    group = circles.evolve(Circle(), facts, START).group
    assert group is not None
    assert group.details.urlname == "c"


def test_a_urlname_somebody_else_has_is_refused() -> None:
    assert (
        reason(circles.found("g", "olga", details=DETAILS, instead=[], taken=frozenset({"jc-moms"}), number=1))
        == reason(circles.edit(founded(), "olga", version=1, changes={"urlname": "x-y"}, taken=frozenset({"x-y"})))
        == "urlname-taken"
    )


def test_an_edit_of_an_old_version_is_refused() -> None:
    assert reason(circles.edit(founded(), "olga", version=2, changes={}, taken=frozenset())) == "stale-version"


def test_an_edit_to_what_is_already_so_changes_nothing() -> None:
    assert circles.edit(founded(), "olga", version=1, changes={"name": DETAILS.name}, taken=frozenset()) == []


def test_a_private_group_stays_private() -> None:
    circle = founded()
    assert circle.group is not None
    private = replace(circle.group, details=replace(DETAILS, visibility="private"))
    decided = circles.edit(
        Circle(private, circle.people), "olga", version=1, changes={"visibility": "public"}, taken=frozenset()
    )
    assert reason(decided) == "private-for-good"


def test_joining_does_not_make_an_edit_stale() -> None:
    circle = circles.evolve(
        founded(), [*rules.join_for_event(Membership("g", "bo"), Door("open"), event_id="e", seen=0)], START
    )
    assert circle.group is not None
    assert (circle.group.version, circle.group.member_count) == (1, 2)


def closed() -> Circle:
    bo, cy = Joined("g", "bo", "member", ()), Requested("g", "cy", ())
    return circles.evolve(founded(), [bo, cy, Closed("g", "olga")], START)


@pytest.mark.parametrize("rule", [people.approve, people.remove, people.ban])
def test_in_a_closed_group_leaders_do_nothing_any_more(rule: people.Rule) -> None:
    who = "cy" if rule is people.approve else "bo"
    assert circles.act(closed(), "olga", who, rule) == CLOSED
    assert circles.act(closed(), "bo", who, rule) == rules.NOT_ALLOWED


def test_a_closed_group_is_not_changed() -> None:
    assert circles.edit(closed(), "olga", version=2, changes={"name": "Moms"}, taken=frozenset()) == CLOSED
    assert circles.give_role(closed(), "olga", "bo", "organizer") == CLOSED
    assert step_up(closed().there, closed().who("bo"), START) == CLOSED
    assert vote(closed().there, closed().who("bo"), "bo") == CLOSED


def test_nobody_comes_into_a_closed_group_and_everybody_may_go() -> None:
    door = circles.door(closed(), photo=True)
    assert rules.join(closed().who("di"), door, None) == CLOSED
    assert rules.join(closed().who("cy"), door, None) == CLOSED
    assert rules.join(closed().who("bo"), door, None) == []
    assert circles.leave(closed(), "bo", START) == [Left("g", "bo", "active")]
    assert circles.leave(closed(), "cy", START) == [Left("g", "cy", "pending")]


def test_the_organizer_of_a_closed_group_leaves_no_vacancy() -> None:
    facts = circles.leave(closed(), "olga", START)
    assert facts == [Left("g", "olga", "active"), OrganizerLeft("g", "olga", None, None)]
    after = circles.evolve(closed(), facts, START).there
    assert (after.status, after.organizer_id, after.vacancy) == ("closed", None, None)
