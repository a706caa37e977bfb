"""Chapters: a group is in a network when both have said yes, and in one network at most."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from groups_service.domain import group as groups
from groups_service.domain.chapter import (
    ELSEWHERE,
    MOST_ASKED,
    NOT_INVITED,
    Affiliation,
    AskedNetwork,
    AskEnded,
    NetworkDeclined,
    NetworkJoined,
    NetworkLeft,
    Side,
    accept,
    ask,
    enter,
    evolve,
    leave,
    put_out,
)
from groups_service.domain.group import Details, Group
from groups_service.domain.membership import CLOSED, NOT_ALLOWED, Membership
from groups_service.domain.permission import ROLES
from groups_service.domain.refusal import Refused
from groups_service.domain.succession import close, lapse
from groups_service.domain.vacancy import GRACE, Closed, Vacancy

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
OLGA = Membership("g", "olga", state="active", role="organizer", version=1)
ADMIN = Membership("g", "bo")
SIDE = Side(Affiliation(), OLGA, "n", closed=False, welcome=False)
DETAILS = Details("jc-moms", "Jersey City Moms", "Jersey City", "US", 40.7, -74.0, "America/New_York")
INSIDE = Affiliation("n", NOW)


@pytest.mark.parametrize("role", ROLES)
def test_organizer_and_co_organizers_choose_the_network(role: str) -> None:
    side = replace(SIDE, actor=replace(OLGA, role=role))  # type: ignore[arg-type] # a parameter is a text
    may = role in ("organizer", "co_organizer")
    assert ask(side) == ([AskedNetwork("g", "olga", "n")] if may else NOT_ALLOWED)
    assert accept(replace(side, welcome=True)) == ([NetworkJoined("g", "olga", "n")] if may else NOT_ALLOWED)
    assert leave(replace(side, affiliation=INSIDE)) == ([NetworkLeft("g", "olga", "n")] if may else NOT_ALLOWED)


def test_asking_twice_changes_nothing_and_answers_an_invitation() -> None:
    asked = evolve(Affiliation(), AskedNetwork("g", "olga", "n"), NOW)
    assert ask(replace(SIDE, affiliation=asked)) == []
    assert ask(replace(SIDE, welcome=True)) == [NetworkJoined("g", "olga", "n")]
    assert ask(replace(SIDE, affiliation=INSIDE)) == []


def test_a_group_asks_ten_networks_at_most() -> None:
    many = Affiliation(asked=tuple(f"n{number}" for number in range(MOST_ASKED)))
    refused = ask(replace(SIDE, affiliation=many))
    assert isinstance(refused, Refused)
    assert refused.reason == "too-many-asked"


def test_an_invitation_is_accepted_once_and_only_if_there_is_one() -> None:
    assert accept(SIDE) == NOT_INVITED
    assert accept(replace(SIDE, welcome=True, affiliation=INSIDE)) == []


def test_a_group_is_in_one_network_at_most() -> None:
    elsewhere = replace(SIDE, affiliation=Affiliation("other", NOW), welcome=True)
    for rule in (ask, accept, enter):
        assert rule(elsewhere) == ELSEWHERE


def test_a_closed_group_joins_nothing_and_can_leave() -> None:
    closed = replace(SIDE, closed=True, welcome=True)
    for rule in (ask, accept, enter):
        assert rule(closed) == CLOSED
    assert leave(closed) == [NetworkDeclined("g", "olga", "n")]


def test_joining_ends_whatever_else_was_asked() -> None:
    joined = evolve(Affiliation(asked=("n", "m")), NetworkJoined("g", "olga", "n"), NOW)
    assert joined == Affiliation("n", NOW, ())


def test_the_networks_yes_brings_in_who_still_wants_to() -> None:
    yes = replace(SIDE, actor=ADMIN, welcome=True)
    assert enter(replace(yes, affiliation=Affiliation(asked=("n",)))) == [NetworkJoined("g", "bo", "n")]
    assert enter(yes) == []
    assert enter(replace(yes, actor=OLGA)) == [NetworkJoined("g", "olga", "n")]


def test_a_yes_taken_back_meanwhile_brings_nobody_in() -> None:
    assert enter(replace(SIDE, actor=ADMIN, affiliation=Affiliation(asked=("n",)))) == []


def test_being_put_out_ends_membership_and_ask_unless_welcome_again() -> None:
    inside, asks = replace(SIDE, actor=ADMIN, affiliation=INSIDE), Affiliation(asked=("n",))
    assert put_out(inside) == [NetworkLeft("g", "bo", "n")]
    assert put_out(replace(inside, affiliation=asks)) == [AskEnded("g", "bo", "n")]
    assert put_out(replace(inside, welcome=True)) == []
    assert put_out(replace(inside, affiliation=Affiliation("other", NOW))) == []


def test_leaving_takes_back_or_declines_whatever_there_is() -> None:
    assert leave(SIDE) == []
    assert leave(replace(SIDE, affiliation=Affiliation(asked=("n",)))) == [AskEnded("g", "olga", "n")]
    assert leave(replace(SIDE, welcome=True)) == [NetworkDeclined("g", "olga", "n")]


def test_joining_and_leaving_are_changes_of_the_group_and_asking_is_none() -> None:
    group = Group("g", 1, DETAILS, "olga", NOW, NOW)
    asked = groups.evolve(group, AskedNetwork("g", "olga", "n"), NOW)
    joined = groups.evolve(asked, NetworkJoined("g", "olga", "n"), NOW)
    left = groups.evolve(joined, NetworkLeft("g", "olga", "n"), NOW)
    assert [one.version for one in (group, asked, joined, left)] == [1, 1, 2, 3]
    assert (joined.affiliation.network_id, left.affiliation) == ("n", Affiliation())


def test_a_group_that_closes_leaves_its_network() -> None:
    group = Group("g", 1, DETAILS, "olga", NOW, NOW, affiliation=INSIDE)
    facts = close(group, OLGA)
    assert facts == [NetworkLeft("g", "olga", "n"), Closed("g", "olga")]
    late = replace(group, organizer_id=None, status="frozen", vacancy=Vacancy(NOW, NOW + GRACE))
    assert lapse(late, NOW + GRACE) == [NetworkLeft("g", None, "n"), Closed("g", None)]
    assert groups.evolve(group, Closed("g", None), NOW).affiliation == Affiliation()
