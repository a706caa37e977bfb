"""Who follows an organizer who left, and what happens when nobody does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from groups_service.domain import circle as circles
from groups_service.domain import people, posting
from groups_service.domain import post as posts
from groups_service.domain.circle import Circle, Fact
from groups_service.domain.group import Details
from groups_service.domain.membership import NOT_ALLOWED, Joined, Left, Requested, RoleChanged, Voted
from groups_service.domain.permission import ROLES, Role
from groups_service.domain.refusal import Refused
from groups_service.domain.succession import HAS_ORGANIZER, NO_CANDIDATE, close, due, lapse, step_up, vote
from groups_service.domain.vacancy import (
    MOST_CANDIDATES,
    Closed,
    Froze,
    OrganizerLeft,
    SteppedBack,
    SteppedUp,
    Succeeded,
    VoteLost,
)

START = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
DAY = timedelta(days=1)
DETAILS = Details("jc-moms", "Jersey City Moms", "Jersey City", "US", 40.7, -74.0, "America/New_York")


def founded() -> Circle:
    """Olga's group, with co-organizer cora, the members ada, bo and cy, and di who asks to come in."""
    facts = circles.found("g", "olga", details=DETAILS, instead=[], taken=frozenset(), number=1)
    assert not isinstance(facts, Refused)
    joined = [Joined("g", name, "member", ()) for name in ("cora", "ada", "bo", "cy")]
    cora = RoleChanged("g", "cora", "olga", "co_organizer")
    return circles.evolve(Circle(), [*facts, *joined, cora, Requested("g", "di", ())], START)


def after(circle: Circle, facts: object, now: datetime = START) -> Circle:
    assert isinstance(facts, list), facts
    return circles.evolve(circle, facts, now)


def vacant() -> Circle:
    """Olga has left at the start."""
    return after(founded(), circles.leave(founded(), "olga", START))


def offered(*names: str, at: datetime = START) -> Circle:
    """These offer to organize the vacant group, one after another."""
    circle = vacant()
    for name in names:
        circle = after(circle, step_up(circle.there, circle.who(name), at), at)
    return circle


def chosen(circle: Circle, **votes: str) -> Circle:
    """Each voter's choice."""
    for voter, candidate in votes.items():
        circle = after(circle, vote(circle.there, circle.who(voter), candidate))
    return circle


def lapsed(circle: Circle, now: datetime) -> Circle:
    return after(circle, lapse(circle.there, now), now)


def votes(circle: Circle) -> dict[str, int]:
    assert circle.there.vacancy is not None
    return {one.member_id: one.votes for one in circle.there.vacancy.candidates}


def test_when_the_organizer_leaves_the_group_has_15_days_of_grace() -> None:
    facts = circles.leave(founded(), "olga", START)
    assert facts == [Left("g", "olga", "active"), OrganizerLeft("g", "olga", START + 15 * DAY, START + 30 * DAY)]
    group = vacant().there
    assert (group.status, group.organizer_id, group.member_count) == ("grace", None, 4)
    assert due(group) == START + 15 * DAY


def test_the_others_leave_without_consequences() -> None:
    assert circles.leave(founded(), "cora", START) == [Left("g", "cora", "active")]
    assert founded().there.status == "active"


def test_after_15_days_it_is_frozen_and_after_15_more_closed() -> None:
    group = vacant().there
    assert lapse(group, START + 15 * DAY - timedelta(milliseconds=1)) == []
    assert lapse(group, START + 15 * DAY) == [Froze("g")]
    frozen = lapsed(vacant(), START + 15 * DAY).there
    assert (frozen.status, due(frozen)) == ("frozen", START + 30 * DAY)
    assert lapse(frozen, START + 30 * DAY - timedelta(milliseconds=1)) == []
    assert lapse(frozen, START + 30 * DAY) == [Closed("g", None)]
    closed = lapsed(vacant(), START + 30 * DAY).there
    assert (closed.status, closed.organizer_id, due(closed)) == ("closed", None, None)


def test_in_a_frozen_group_members_still_talk_and_step_up() -> None:
    frozen = lapsed(vacant(), START + 15 * DAY)
    status: str = frozen.there.status
    assert status == "frozen"
    speaker = posting.Speaker(frozen.who("ada"), closed=status == "closed")
    text = posts.Text(None, "Who leads?", "<p>Who leads?</p>", "Who leads?")
    assert posting.post(speaker, group_id="g", post_id="p", text=text, named=(), announcement=False)
    stepped = step_up(frozen.there, frozen.who("ada"), START + 15 * DAY)
    assert stepped == [SteppedUp("g", "ada", 1, START + 18 * DAY)]
    assert isinstance(vote(after(frozen, stepped).there, frozen.who("bo"), "ada"), list)


def test_what_nobody_asked_for_in_time_happens_all_at_once() -> None:
    assert lapse(vacant().there, START + 100 * DAY) == [Froze("g"), Closed("g", None)]


@pytest.mark.parametrize("day", [0, 20])
def test_a_co_organizer_who_steps_up_becomes_organizer_at_once(day: int) -> None:
    circle = lapsed(offered("ada"), START) if day == 0 else lapsed(vacant(), START + day * DAY)
    facts = step_up(circle.there, circle.who("cora"), START + day * DAY)
    assert facts == [RoleChanged("g", "cora", "cora", "organizer"), Succeeded("g", "cora")]
    group = after(circle, facts).there
    assert (group.status, group.organizer_id, group.vacancy) == ("active", "cora", None)


def test_any_other_active_member_becomes_a_candidate() -> None:
    circle = vacant()
    assert step_up(circle.there, circle.who("ada"), START) == [SteppedUp("g", "ada", 1, START + 3 * DAY)]
    assert due(offered("ada").there) == START + 3 * DAY
    for nobody in ("di", "olga", "zoe"):
        assert step_up(circle.there, circle.who(nobody), START) == NOT_ALLOWED


@pytest.mark.parametrize("role", ROLES)
def test_below_the_co_organizers_everybody_is_a_candidate(role: Role) -> None:
    circle = vacant()
    facts = step_up(circle.there, replace(circle.who("ada"), role=role), START)
    if role == "co_organizer":
        assert facts == [RoleChanged("g", "ada", "ada", "organizer"), Succeeded("g", "ada")]
    elif role != "organizer":
        assert facts == [SteppedUp("g", "ada", 1, START + 3 * DAY)]


def test_stepping_up_twice_changes_nothing() -> None:
    circle = offered("ada")
    assert step_up(circle.there, circle.who("ada"), START + DAY) == []
    assert step_up(founded().there, founded().who("olga"), START) == []


def test_nobody_steps_up_where_there_is_an_organizer() -> None:
    circle = founded()
    assert step_up(circle.there, circle.who("cora"), START) == HAS_ORGANIZER
    assert vote(circle.there, circle.who("ada"), "bo") == HAS_ORGANIZER


def test_an_unopposed_candidate_becomes_organizer_after_3_days() -> None:
    circle = offered("ada")
    assert lapse(circle.there, START + 3 * DAY - timedelta(milliseconds=1)) == []
    assert lapse(circle.there, START + 3 * DAY) == [RoleChanged("g", "ada", "ada", "organizer"), Succeeded("g", "ada")]
    assert lapsed(circle, START + 3 * DAY).who("ada").role == "organizer"


def test_the_vote_ends_3_days_after_the_first_offer() -> None:
    circle = offered("ada")
    later = step_up(circle.there, circle.who("bo"), START + 2 * DAY)
    assert later == [SteppedUp("g", "bo", 2, START + 3 * DAY)]


def test_most_votes_win() -> None:
    circle = chosen(offered("ada", "bo"), cy="bo", cora="bo", ada="ada")
    assert votes(circle) == {"ada": 1, "bo": 2}
    assert lapsed(circle, START + 3 * DAY).there.organizer_id == "bo"


def test_among_equals_who_offered_first_wins() -> None:
    circle = chosen(offered("bo", "ada"), cy="ada", cora="bo")
    assert lapsed(circle, START + 3 * DAY).there.organizer_id == "bo"


def test_another_choice_replaces_the_first_and_the_same_again_changes_nothing() -> None:
    circle = chosen(offered("ada", "bo"), cy="ada")
    assert vote(circle.there, circle.who("cy"), "ada") == []
    assert vote(circle.there, circle.who("cy"), "bo") == [Voted("g", "cy", 2, instead_of=1)]
    assert votes(chosen(circle, cy="bo")) == {"ada": 0, "bo": 1}


def test_members_choose_among_those_who_offer() -> None:
    circle = offered("ada")
    assert vote(circle.there, circle.who("cy"), "bo") == NO_CANDIDATE
    assert vote(circle.there, circle.who("di"), "ada") == NOT_ALLOWED


@pytest.mark.parametrize("how", ["leave", "remove", "ban"])
def test_who_goes_takes_their_vote_and_their_offer_along(how: str) -> None:
    circle = chosen(offered("ada", "bo"), ada="bo", cy="ada")
    facts: list[Fact] | Refused
    if how == "leave":
        facts = circles.leave(circle, "ada", START)
    else:
        facts = circles.act(circle, "cora", "ada", people.remove if how == "remove" else people.ban)
    assert not isinstance(facts, Refused)
    assert facts[:2] == [VoteLost("g", "ada", 2), SteppedBack("g", "ada", 1)]
    assert votes(after(circle, facts)) == {"bo": 0}


def test_a_vote_for_who_went_does_not_count_when_they_offer_again() -> None:
    circle = chosen(offered("ada", "bo"), cy="ada")
    circle = after(circle, circles.leave(circle, "ada", START))
    circle = after(circle, [Joined("g", "ada", "member", ())])
    circle = after(circle, step_up(circle.there, circle.who("ada"), START))
    assert votes(circle) == {"bo": 0, "ada": 0}
    assert vote(circle.there, circle.who("cy"), "ada") == [Voted("g", "cy", 3, instead_of=None)]


def test_when_the_last_candidate_goes_the_vote_is_off() -> None:
    circle = offered("ada", at=START + 14 * DAY)
    circle = after(circle, circles.leave(circle, "ada", START))
    assert circle.there.vacancy is not None
    assert (circle.there.vacancy.decides_at, due(circle.there)) == (None, START + 15 * DAY)


def test_closing_waits_for_the_vote() -> None:
    circle = offered("ada", at=START + 29 * DAY)
    assert lapse(circle.there, START + 31 * DAY) == [Froze("g")]
    assert lapsed(circle, START + 32 * DAY).there.organizer_id == "ada"
    alone = after(circle, circles.leave(circle, "ada", START))
    assert lapsed(alone, START + 31 * DAY).there.status == "closed"


def test_a_vote_that_ended_before_the_group_froze_is_decided_first() -> None:
    assert lapse(offered("ada").there, START + 100 * DAY)[-1] == Succeeded("g", "ada")
    assert Froze("g") not in lapse(offered("ada").there, START + 100 * DAY)


def test_the_candidates_are_not_without_end() -> None:
    group = vacant().there
    assert group.vacancy is not None
    for number in range(MOST_CANDIDATES):
        facts = step_up(group, replace(vacant().who("ada"), member_id=f"m{number}"), START)
        assert isinstance(facts, list)
        group = after(Circle(group), facts).there
    refused = step_up(group, vacant().who("ada"), START)
    assert isinstance(refused, Refused)
    assert refused.reason == "too-many-candidates"


@pytest.mark.parametrize("role", ROLES)
def test_only_the_organizer_closes_the_group(role: Role) -> None:
    circle = founded()
    decided = close(circle.there, replace(circle.who("ada"), role=role))
    assert decided == ([Closed("g", "ada")] if role == "organizer" else NOT_ALLOWED)


def test_closing_twice_changes_nothing() -> None:
    circle = after(founded(), close(founded().there, founded().who("olga")))
    assert close(circle.there, circle.who("olga")) == []
