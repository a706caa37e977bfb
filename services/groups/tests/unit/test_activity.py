"""What groups' events and RSVPs come to."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.events import AttendanceChanged, RsvpChanged
from contracts.examples import examples
from groups_service.store.activity import came_change, counted, yes_change

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def row(status: str, *, ends: int, announced: int | None = None, group_id: str = "g") -> dict[str, object]:
    announced_at = None if announced is None else NOW + announced * DAY
    return {"group_id": group_id, "status": status, "ends_at": NOW + ends * DAY, "announced_at": announced_at}


def test_cancelled_events_do_not_count_but_were_announced() -> None:
    rows = [row("published", ends=3), row("past", ends=-9, announced=-20), row("cancelled", ends=8, announced=-2)]
    figures = counted("g", [*rows, row("published", ends=50, announced=1, group_id="another")])
    assert (figures["events"], figures["scheduled_until"]) == (2, NOW + 3 * DAY)
    assert figures["announced_at"] == NOW - 2 * DAY


def test_a_group_without_events_has_none() -> None:
    figures = counted("g", [])
    assert (figures["events"], figures["announced_at"], figures["scheduled_until"]) == (0, None, None)


@pytest.mark.parametrize(
    ("was", "status", "change"),
    [
        (None, "yes", 1),
        (None, "waitlist", 0),
        ("waitlist", "yes", 1),
        ("yes", "yes", 0),
        ("yes", "no", -1),
        ("no", "no", 0),
        ("offered", "yes", 1),
        ("requested", "no", 0),
    ],
)
def test_rsvps_that_stand_at_yes_are_counted(was: str | None, status: str, change: int) -> None:
    shown = next(one for one in examples() if one.topic == RsvpChanged.topic)
    rsvp = RsvpChanged.model_validate({**shown.value, "was": was, "status": status})
    assert yes_change(rsvp) == change


@pytest.mark.parametrize(
    ("was", "mark", "change"),
    [
        (None, "attended", 1),
        (None, "no_show", 0),
        ("no_show", "attended", 1),
        ("attended", "excused", -1),
        ("attended", None, -1),
        ("excused", None, 0),
    ],
)
def test_who_came_is_counted_and_a_correction_takes_it_back(was: str | None, mark: str | None, change: int) -> None:
    shown = next(one for one in examples() if one.topic == AttendanceChanged.topic)
    noted = AttendanceChanged.model_validate({**shown.value, "was": was, "mark": mark})
    assert came_change(noted) == change
