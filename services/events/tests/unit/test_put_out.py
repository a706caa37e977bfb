"""Whoever was removed from a group, or banned, has no part in its events any more: not as a host, nor as a reader."""

from dataclasses import replace
from typing import Any

import pytest

from chassis.http import Problem
from events_service.domain.group import OUTSIDER, Membership, may
from events_service.domain.permission import HOSTING, Action
from events_service.http.letter import meant_for
from events_service.http.looking import Looking

MEMBER, LEFT = Membership("active", "member", 1), Membership("left", "member", 2)
REMOVED, BANNED = Membership("removed", "member", 2), Membership("banned", "member", 2)


def looking(membership: Membership, status: str | None = "yes", who: str = "ada", *, public: bool = True) -> Looking:
    group = {"visibility": "public" if public else "private"}
    return Looking({"hosts": ["hana"]}, group, who, membership, None if status is None else {"status": status})


def refusal(found: Looking) -> Any:
    with pytest.raises(Problem) as raised:
        meant_for(found)
    return raised.value.status_code, raised.value.reason


@pytest.mark.parametrize("action", Action)
def test_a_host_may_host_from_outside_of_the_group_but_not_once_put_out(action: Action) -> None:
    assert [may(one, True, action) for one in (OUTSIDER, LEFT)] == [action in HOSTING] * 2
    assert not any(may(one, True, action) for one in (REMOVED, BANNED))
    leading = replace(BANNED, role="organizer")
    assert not may(leading, True, action)


def test_messages_are_for_who_has_a_turn_and_all_of_them_for_hosts() -> None:
    assert meant_for(looking(OUTSIDER, None, "hana", public=False)) is None
    for membership, public in ((MEMBER, False), (OUTSIDER, True), (LEFT, True)):
        assert meant_for(looking(membership, "waitlist", public=public)) == ("waitlist", "all")
    assert refusal(looking(MEMBER, "no")) == refusal(looking(MEMBER, None)) == (403, "not-allowed")


def test_what_is_written_to_those_who_come_is_not_for_who_was_put_out_after_saying_yes() -> None:
    assert all(looking(one).has_place for one in (MEMBER, OUTSIDER, LEFT))
    for one in (REMOVED, BANNED):
        assert not any((looking(one).has_place, looking(one).meets_online, looking(one, who="hana").has_place))


@pytest.mark.parametrize("membership", [REMOVED, BANNED])
def test_messages_are_not_for_who_was_put_out_of_the_group_nor_for_outsiders_of_a_private_one(
    membership: Membership,
) -> None:
    assert refusal(looking(membership)) == refusal(looking(membership, who="hana")) == (403, "not-allowed")
    assert refusal(looking(membership, public=False)) == (403, "members-only")
    assert refusal(looking(LEFT, public=False)) == (403, "members-only")
