"""Which version a decision is about, of those that its caller has seen."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.seen import as_seen, version_seen

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("seen", [3, [3], [777, 3], []])
def test_what_is_there_was_seen(seen: Any) -> None:
    assert version_seen(seen, 3) == 3


@pytest.mark.parametrize(("seen", "version"), [(2, 3), ([2, 4], 3), ([777, 3], 0), ([], 0)])
def test_what_is_there_is_another_or_nothing(seen: Any, version: int) -> None:
    assert version_seen(seen, version) != version


def counted(state: int, command: Command, now: datetime) -> Outcome[int]:
    if command.body.get("odd"):
        return Outcome(state, refused="odd")
    return Outcome(state + 1, ["counted"], {"version": state + 1})


@pytest.mark.parametrize(
    ("body", "refused", "after"),
    [
        ({}, None, 4),
        ({"seen": 3}, None, 4),
        ({"seen": []}, None, 4),
        ({"seen": [1, 3]}, None, 4),
        ({"seen": 4}, "stale-version", 3),
        ({"seen": [1, 2]}, "stale-version", 3),
        ({"seen": 4, "odd": True}, "odd", 3),
    ],
)
def test_a_decision_is_about_what_was_seen(body: dict[str, Any], refused: str | None, after: int) -> None:
    decide = as_seen(counted, lambda state, _: state)
    outcome = decide(3, Command("c", "count", "a", body), NOW)
    assert (outcome.refused, outcome.state) == (refused, after)
    assert bool(outcome.facts) == (refused is None)
