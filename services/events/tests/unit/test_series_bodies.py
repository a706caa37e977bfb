"""What callers write of a series: plan, details, and what is refused before anybody decides."""

from typing import Any

import pytest
from pydantic import ValidationError

from events_service.http.promotion import PromotionBody
from events_service.http.series import NewSeries, SeriesChange

BODY: dict[str, Any] = {
    "title": "Tea",
    "starts_at": "2026-12-01T18:30",
    "ends_at": "2026-12-01T21:00",
    "rrule": "freq=weekly;count=4",
}


def test_a_new_series_is_a_plan_and_details() -> None:
    body = NewSeries(
        **BODY,
        exdates=["2026-12-08T18:30", "2026-12-08"],
        rdates=["2026-12-24T18:30:00", "2026-12-24", "2026-12-31T12:00"],
        topics=["Tea"],
    )
    plan = body.plan("Europe/Berlin")
    assert (plan.rule, plan.starts_at, plan.timezone) == ("FREQ=WEEKLY;COUNT=4", "2026-12-01T18:30:00", "Europe/Berlin")
    assert plan.exdates == ("2026-12-08",), "days, whatever the time of day"
    assert plan.rdates == ("2026-12-24", "2026-12-31T12:00:00"), "dates at the series' time are days, and follow it"
    assert body.details(timezone="Europe/Berlin", attendee_list="everyone").topics == ("Tea",)


def test_a_change_parts_what_is_the_plans_and_what_is_the_dates() -> None:
    body = SeriesChange(
        title="Cha",
        capacity=None,
        timezone="Asia/Tokyo",
        starts_at="2026-12-08T19:00",
        rrule="FREQ=WEEKLY;COUNT=2",
        rdates=["2026-12-24T19:00"],
        promotion=PromotionBody(max_skips=1),
    )
    assert body.details() == {"title": "Cha", "capacity": None, "promotion": {"max_skips": 1}}
    assert body.plan("2026-12-01T18:30:00") == {
        "starts_at": "2026-12-08T19:00:00",
        "timezone": "Asia/Tokyo",
        "rule": "FREQ=WEEKLY;COUNT=2",
        "rdates": ["2026-12-24"],
    }
    assert SeriesChange(exdates=[]).plan("2026-12-01T18:30:00") == {"exdates": []}
    assert SeriesChange(rdates=["2026-12-24T18:30"]).plan("2026-12-01T18:30:00") == {"rdates": ["2026-12-24"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"rrule": ""},
        {"rrule": "F" * 501},
        {"exdates": ["tomorrow"]},
        {"exdates": ["2026-12-08"] * 105},
        {"rdates": ["2026-12-24T18:30:00+01:00"]},
        {"description": "x" * 5001},
        {"hosts": [f"h{n}" for n in range(6)]},
        {"photos": ["javascript:alert(1)"]},
        {"photos": ["https://photos.test/1"] * 11},
        {"recurrence": "FREQ=WEEKLY"},
    ],
)
def test_what_is_refused_before_anybody_decides(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewSeries(**{**BODY, **wrong})
