"""Series: which dates they have, and who may publish and cancel them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.journal import Command
from events_service.domain.series import (
    Fell,
    SeriesCancelled,
    SeriesPublished,
    cancel,
    create,
    publish,
)
from events_service.handlers.occurrence import FALL
from events_service.handlers.series import CANCEL, Course, decide_cancel, follow

from .dates import DETAILS, GROUP, LEADER, MEMBER, NOW, TUESDAYS, after, edit, id_of, live, made, refused


def test_a_series_has_the_dates_of_its_rule_without_some_and_with_others() -> None:
    plan = replace(TUESDAYS, exdates=("2026-12-29",), rdates=("2026-12-24", "2026-12-31T12:00:00"))
    assert live(made(plan)) == {
        "e1": "2026-12-01T18:30",
        "e2": "2026-12-08T18:30",
        "e3": "2026-12-15T18:30",
        "e4": "2026-12-22T18:30",
        "e5": "2026-12-24T18:30",
        "e6": "2026-12-31T12:00",
    }


def test_a_date_keeps_its_wall_time_over_daylight_saving() -> None:
    plan = replace(TUESDAYS, starts_at="2027-03-23T18:30:00", ends_at="2027-03-24T01:00:00")
    first, second = made(plan).occurrences[:2]
    assert (first.first_at.hour, second.first_at.hour) == (17, 16)
    assert made(plan).details_at(second.at).ends_at == "2027-03-31T01:00:00"


@pytest.mark.parametrize(
    ("plan", "details", "reason"),
    [
        ({"rule": "FREQ=SECONDLY;COUNT=3"}, {}, "bad-rule"),
        ({"rule": "FREQ=DAILY;UNTIL=20270601"}, {}, "too-many-dates"),
        ({"rdates": ("2029-01-01",)}, {}, "too-far"),
        ({"rdates": ("2026-11-30",)}, {}, "too-far"),
        ({"exdates": tuple(f"2026-12-{day:02}" for day in (1, 8, 15, 22, 29))}, {}, "no-dates"),
        ({"ends_at": "2026-12-01T18:30:00"}, {}, "ends-before-start"),
        ({"starts_at": "2026-11-24T18:30:00", "ends_at": "2026-11-24T19:00:00"}, {}, "starts-in-the-past"),
        ({}, {"rsvp_closes_at": "2026-12-01T12:00:00"}, "bad-rsvp-window"),
        ({}, {"rsvp_opens_at": "PT1H", "rsvp_closes_at": "PT2H"}, "bad-rsvp-window"),
        ({"timezone": "Mars/Olympus"}, {}, "unknown-timezone"),
        ({"timezone": "Mars/Olympus", "rule": "FREQ=DAILY;UNTIL=20261205T120000Z"}, {}, "unknown-timezone"),
    ],
)
def test_what_cannot_be_held_is_refused(plan: dict[str, Any], details: dict[str, Any], reason: str) -> None:
    plan_, details_ = replace(TUESDAYS, **plan), replace(DETAILS, **details)
    assert refused(create("s", "o", plan_, details_, id_of=id_of, group=GROUP, membership=LEADER, now=NOW)) == reason


def test_only_leaders_of_a_group_that_goes_on() -> None:
    series = made()
    given: dict[str, Any] = {"id_of": id_of, "group": GROUP, "membership": LEADER, "now": NOW}
    assert refused(create("s", "m", TUESDAYS, DETAILS, **{**given, "membership": MEMBER})) == "not-allowed"
    frozen = replace(GROUP, status="frozen")
    assert refused(create("s", "m", TUESDAYS, DETAILS, **{**given, "group": frozen})) == "group-not-active"
    assert refused(publish(series, "m", group=GROUP, membership=MEMBER)) == "not-allowed"
    assert refused(publish(series, "o", group=frozen, membership=LEADER)) == "group-not-active"
    assert refused(cancel(series, "m", edit_id="x", membership=MEMBER, now=NOW)) == "not-allowed"


def test_published_and_cancelled_once() -> None:
    series = made()
    assert publish(series, "olga", group=GROUP, membership=LEADER) == [SeriesPublished("s", "olga")]
    published = replace(series, status="published")
    assert publish(published, "olga", group=GROUP, membership=LEADER) == []
    later = NOW + timedelta(days=7)
    facts = cancel(published, "olga", edit_id="x", membership=LEADER, now=later)
    assert isinstance(facts, list)
    assert isinstance(facts[0], SeriesCancelled)
    assert facts[1:] == [Fell("e2"), Fell("e3"), Fell("e4"), Fell("e5")]
    gone = after(published, facts, later)
    assert (gone.status, list(live(gone))) == ("cancelled", ["e1"])
    assert cancel(gone, "olga", edit_id="y", membership=LEADER, now=later) == []
    assert refused(publish(gone, "olga", group=GROUP, membership=LEADER)) == "series-cancelled"
    assert refused(edit(gone, title="Cha")) == "series-cancelled"


def test_cancelling_asks_dates_whose_planned_time_is_over_too_and_counts_them_not() -> None:
    later = NOW + timedelta(days=7)
    series = replace(made(), status="published")
    command = Command("c", CANCEL, "s", {}, actor="olga")
    decided = decide_cancel(Course(series, GROUP, LEADER), command, later)
    assert [fact.event_id for fact in decided.facts if isinstance(fact, Fell)] == ["e2", "e3", "e4", "e5"]
    assert decided.state.series is not None
    assert list(live(decided.state.series)) == ["e1"]
    asked = list(follow(command, decided.state.series, decided.facts))
    assert sorted((one.name, one.aggregate) for one in asked) == [(FALL, f"e{n}") for n in range(1, 6)]
    assert all(one.body["edit"]["fell"] == 4 for one in asked)
