"""What a group shows, beside who is known to be in it: each way to be wrong is seen."""

from convene.growing.act import Growth
from convene.growing.counting import Told, listing, ownership, shown_pulse
from convene.growing.crowd import Coming, Own
from convene.growing.pace import share

ROLES = {"nia": "organizer", "ada": "member", "bo": "member"}
TOLD = Told("g", ROLES, active=2)
RIGHT = {"lines": 3, "listed twice": 0, "missing": 0, "strangers": 0, "in another role": 0}


MINE = Own("g", "active", "member", 3)


def test_a_list_has_everybody_once() -> None:
    rows = list(ROLES.items())
    assert listing(ROLES, rows) == RIGHT
    assert listing(ROLES, [*rows, rows[0]]) == {**RIGHT, "lines": 4, "listed twice": 1}
    assert listing(ROLES, rows[1:]) == {**RIGHT, "lines": 2, "missing": 1}
    assert listing(ROLES, [*rows, ("eve", "member")]) == {**RIGHT, "lines": 4, "strangers": 1}
    assert listing(ROLES, [("nia", "member"), *rows[1:]]) == {**RIGHT, "in another role": 1}


def test_the_group_is_everybodys_own_and_nothing_else_is() -> None:
    shown = {"nia": [MINE._replace(role="organizer")], "ada": [MINE], "bo": [MINE]}
    assert ownership(TOLD, shown) == {"show it": 3, "do not": 0}
    others = (MINE._replace(state="left"), MINE._replace(role="organizer"), MINE._replace(member_count=2))
    for wrong in ([], [MINE, MINE], *([other] for other in others)):
        expected = {"show it": 2, "do not": 1, "example": f"bo: {wrong}"}
        assert ownership(TOLD, {**shown, "bo": wrong}) == expected
    assert ownership(TOLD, {**shown, "bo": "500 b'?'"})["example"] == "bo: 500 b'?'"
    assert ownership(TOLD, {})["do not"] == 3


def test_a_pulse_is_compared_in_all_its_figures() -> None:
    days = [
        {"day": "2026-11-26", "members": 2, "joined": 2, "left": 0},
        {"day": "2026-11-27", "members": 3, "joined": 1, "left": 0},
    ]
    figures = {"members": 3, "leaders": 1, "active_members": 2, "first_timers": 2, "returners": 0}
    shown = {**figures, "leader_shortage": False, "days": days}
    assert shown_pulse(shown) == TOLD.pulse()
    for name in figures:
        assert shown_pulse({**shown, name: 99}) != TOLD.pulse()
    assert shown_pulse({**shown, "leader_shortage": True}) != TOLD.pulse()
    assert shown_pulse({**shown, "days": days[:1]}) != TOLD.pulse()
    assert Told("g", ROLES, active=151).pulse()["short of leaders"] == 1


def test_who_was_refused_is_not_in() -> None:
    assert Coming("ada", 0.0, 200, "active").is_in
    for answer, state in ((0, ""), (200, "pending"), (409, "active")):
        assert not Coming("ada", 0.0, answer, state).is_in


def test_it_grows_from_one_over_seven() -> None:
    assert Growth(7000).sizes == [1, 7, 7000]
    assert Growth(3).sizes == [1, 7]
    assert Growth(70, reads=10).totals == {"join": 63, "look": 78, "read": 120}


def test_a_share_is_of_what_was_measured() -> None:
    took = [float(number) for number in range(1, 101)]
    assert (share(took, 0.5), share(took, 0.99), share(took[:1], 0.99), share([], 0.5)) == (51, 100, 1, 0)
