"""Handing on what is too much for one transaction: every child once, in order, and the ids of the rest repeatable."""

import pytest

from chassis.journal import Command, Unstorable
from chassis.journal.command import Source
from chassis.journal.spreading import AT_ONCE, MAX_WRITTEN, SPREAD, TooMuch, beside, further, handed_on

MESSAGE = Source("groups.group.v1", "g", 7)
CAUSE = Command("c", "group.hide", "g", {}, actor="olga", source=MESSAGE, trace="00-1")


def children(number: int) -> list[Command]:
    return [CAUSE.child("event.hide", f"e{place}", {"place": place}) for place in range(number)]


@pytest.mark.parametrize("number", [0, 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE, 1200])
def test_all_children_are_handed_over_once_in_order(number: int) -> None:
    wanted = children(number)
    found: list[Command] = []
    step = handed_on(CAUSE, wanted, 7)
    steps = 1
    while step and step[-1].name == SPREAD:
        *some, rest = step
        assert len(some) == AT_ONCE
        assert (rest.aggregate, rest.first, rest.actor, rest.trace) == ("g", True, "olga", "00-1")
        assert (rest.source, rest.origin) == (None, MESSAGE)
        found += some
        step = further(rest)
        steps += 1
    assert [*found, *step] == wanted
    assert [child.origin for child in [*found, *step]] == [MESSAGE] * number
    assert steps == max(1, -(-number // AT_ONCE))


def test_the_rest_has_an_id_of_its_aggregate_and_sequence() -> None:
    first, again, other = (handed_on(CAUSE, children(1200), sequence)[-1].id for sequence in (7, 7, 8))
    assert first == again != other
    assert further(handed_on(CAUSE, children(1200), 7)[-1])[-1].id not in (first, other)


def test_what_cannot_be_carried_is_refused() -> None:
    wide = [CAUSE.child("event.hide", f"e{place}", {"text": "x" * 1000}) for place in range(4000)]
    with pytest.raises(Unstorable):
        handed_on(CAUSE, wide, 1)


def test_children_fit_beside_what_the_batch_writes_or_wait() -> None:
    some = children(100)
    assert beside(MAX_WRITTEN - 100, some) == some
    with pytest.raises(TooMuch):
        beside(MAX_WRITTEN - 99, some)
