"""How groups grow: days, leaders, and what a size asks for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from groups_service.domain import circle as circles
from groups_service.domain.circle import Circle
from groups_service.domain.growth import Place, Today, short_of_leaders, sister_places, tally
from groups_service.domain.membership import Banned, Joined, Left, RoleChanged
from groups_service.store.growth import home_of

from .test_messages import founded

NOW = datetime(2026, 11, 24, 23, 59, tzinfo=UTC)
ADA = Joined("g", "ada", "member", ())
HERE, THERE = Place("Utrecht", "NL", 400), Place("Amsterdam", "NL", 100)


def test_who_comes_and_goes_is_counted_by_day() -> None:
    first = tally(None, [ADA, Joined("g", "bo", "member", ())], NOW)
    assert first == Today("2026-11-24", 2, 0)
    assert tally(first, [Left("g", "ada", "active")], NOW) == Today("2026-11-24", 2, 1)
    assert tally(first, [Banned("g", "bo", "olga", "active")], NOW + timedelta(days=1)) == Today("2026-11-25", 0, 1)


def test_nobody_came_nobody_went_no_day() -> None:
    assert tally(None, [Left("g", "ada", "pending")], NOW) is None
    before = Today("2026-11-20", 1, 0)
    assert tally(before, [RoleChanged("g", "ada", "olga", "member")], NOW) is before


def test_leaders_are_counted_where_roles_change() -> None:
    def after(circle: Circle, *facts: circles.Fact) -> Circle:
        return circles.evolve(circle, facts, NOW)

    circle = after(founded(), ADA)
    assert circle.there.leaders == 1
    leading = after(circle, RoleChanged("g", "ada", "olga", "event_organizer"))
    assert leading.there.leaders == 2
    assert after(leading, RoleChanged("g", "ada", "olga", "co_organizer")).there.leaders == 2
    assert after(leading, Left("g", "ada", "active")).there.leaders == 1
    assert after(leading, RoleChanged("g", "ada", "olga", "member")).there.leaders == 1
    assert leading.there.today == Today("2026-11-24", 2, 0)


@pytest.mark.parametrize(
    ("leading", "active", "short"),
    [(1, 7, False), (1, 150, False), (1, 151, True), (2, 151, False), (0, 1, True), (0, 0, False), (46, 7000, True)],
)
def test_a_group_has_a_leader_for_150_active_members(leading: int, active: int, short: bool) -> None:
    assert short_of_leaders(leading, active) is short


def test_a_sister_group_is_proposed_from_500_active_members_in_two_places() -> None:
    assert sister_places(500, [THERE, HERE]) == [HERE, THERE]
    assert sister_places(499, [HERE, THERE]) == []
    assert sister_places(500, [replace(HERE, active_members=500)]) == []
    assert sister_places(500, [HERE, replace(THERE, active_members=49)]) == []


def test_a_home_is_told_apart_by_country_and_city_however_it_is_written() -> None:
    assert home_of({"city": "São Paulo", "country": "BR"}) == {
        "key": "br-sao-paulo",
        "city": "São Paulo",
        "country": "BR",
    }
    assert home_of({"city": "Sao paulo", "country": "BR"}) != home_of({"city": "Sao Paulo", "country": "PT"})
    assert home_of({"city": None, "country": "BR"}) is None
    assert home_of(None) is None
