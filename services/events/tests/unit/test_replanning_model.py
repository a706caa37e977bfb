"""Any edits of any series, one after another: people stay where they said yes to."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from events_service.domain.recurrence import period
from events_service.domain.refusal import Refused
from events_service.domain.series import (
    Series,
    create,
    instant_of,
)

from .dates import DETAILS, GROUP, LEADER, NOW, TUESDAYS, after, edit, id_of

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
rules = st.one_of(
    st.builds(
        lambda days, every, count: f"FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(sorted(days))};COUNT={count}",
        st.sets(st.sampled_from(DAYS), min_size=1),
        st.integers(1, 3),
        st.integers(1, 20),
    ),
    st.builds(
        lambda nth, day, count: f"FREQ=MONTHLY;BYDAY={nth}{day};COUNT={count}",
        st.sampled_from([1, 2, 3, 4, -1]),
        st.sampled_from(DAYS),
        st.integers(1, 12),
    ),
    st.builds(lambda every, count: f"FREQ=DAILY;INTERVAL={every};COUNT={count}", st.integers(1, 9), st.integers(1, 20)),
)
days = st.dates(date(2026, 12, 1), date(2027, 3, 1)).map(date.isoformat)
beside = st.builds(str.__add__, days, st.sampled_from(["", "T10:00:00", "T20:00:00"]))
"""A day, at the series' time, or a date with a time of its own."""
edits = st.lists(
    st.tuples(
        st.fixed_dictionaries(
            {},
            optional={
                "rule": rules,
                "exdates": st.lists(days, max_size=4).map(tuple),
                "rdates": st.lists(beside, max_size=3, unique=True).map(tuple),
                "timezone": st.sampled_from(["Europe/Berlin", "Asia/Tokyo", "America/New_York"]),
                "title": st.sampled_from(["Tea", "Cha"]),
            },
        ),
        st.integers(0, 30),
        st.integers(0, 20),
        st.sampled_from([None, "18:30:00", "09:00:00"]),
    ),
    max_size=6,
)

THIRD_DAYS = "FREQ=DAILY;INTERVAL=3;COUNT=3"
FROM_THE_TENTH: Any = ({"rdates": ("2026-12-10",)}, 0, 0, None)
"""Makes the fourth date, which the next edit begins with and calls off."""
WOKEN: Any = ({"timezone": "America/New_York", "exdates": ("2026-12-01",)}, 0, 5, None)
"""The date left out has begun in Tokyo and not yet in New York."""


@settings(max_examples=300, deadline=None)
@given(rules, edits)
@example(THIRD_DAYS, [FROM_THE_TENTH, ({"rdates": ("2026-12-02",)}, 3, 0, None)])
@example(THIRD_DAYS, [({"timezone": "Asia/Tokyo"}, 0, 0, None), WOKEN])
def test_edits_keep_what_people_said_yes_to(rule: str, many: list[Any]) -> None:
    facts = create(
        "s", "o", replace(TUESDAYS, rule=rule), DETAILS, id_of=id_of, group=GROUP, membership=LEADER, now=NOW
    )
    if isinstance(facts, Refused):
        return
    series, now = after(None, facts), NOW
    for wanted, since, passes, clock in many:
        now += timedelta(days=passes)
        series = _checked(series, wanted, since, clock, now)


def _checked(series: Series, wanted: dict[str, Any], since: int, clock: str | None, now: datetime) -> Series:
    begins = series.occurrences[since % len(series.occurrences)] if since else None
    concerned = [one for one in series.occurrences if begins is None or one.at >= begins.at]
    if clock is not None and any(one.live for one in concerned):
        first = min((one.at for one in concerned if one.live), default="")
        wanted = {**wanted, "starts_at": f"{first[:10]}T{clock}"}
    facts = edit(series, begins.event_id if begins else None, now, **dict(wanted))
    if isinstance(facts, Refused):
        return series
    then = after(series, facts, now)
    _named_for_ever(series, then)
    walls = [one.at for one in then.occurrences if one.live]
    assert walls
    assert len(set(walls)) == len(walls), "no two dates at one time"
    before = {one.event_id: one for one in series.occurrences}
    reached = {one.event_id for one in concerned if instant_of(series.plan, one) > now}
    for one in then.occurrences:
        held = before.get(one.event_id)
        if held is not None and one.event_id not in reached:
            assert one == held, "what has begun stays, and what is before the first date concerned"
        elif one.live and (held is None or one.at != held.at):
            assert instant_of(then.plan, one) > now, "nothing moves to what is over"
        if held is not None and one.live and held.live:
            _within_its_period(then, held.at, one.at)
    if clock is None:
        _at_their_time(series, then, reached, now)
    # a new zone may put what had begun among what is to come: then the same words reach more, and are another wish
    woken = any(one.event_id not in reached and instant_of(then.plan, one) > now for one in concerned)
    if clock is None and "rule" not in wanted and not woken:
        assert edit(then, begins.event_id if begins else None, now, **dict(wanted)) == [], "the same wish again"
    return then


def _at_their_time(before: Series, then: Series, reached: set[str], now: datetime) -> None:
    """Who said nothing of the time of day moved nobody to another one."""
    assert then.plan.start.time() == before.plan.start.time()
    own = {rdate for rdate in then.plan.rdates if "T" in rdate and rdate in before.plan.rdates}
    for held, one in zip(before.occurrences, then.occurrences, strict=False):
        to_come = instant_of(then.plan, held) > now
        if held.live and held.event_id in reached and held.at in own and to_come:
            assert one == held


def _named_for_ever(before: Series, then: Series) -> None:
    names = [(one.event_id, one.first_at) for one in then.occurrences]
    assert names[: len(before.occurrences)] == [(one.event_id, one.first_at) for one in before.occurrences]
    assert len({id_ for id_, _ in names}) == len({first_at for _, first_at in names}) == len(names)


def _within_its_period(series: Series, before: str, then: str) -> None:
    """Nobody is moved out of their week or month."""
    frequency: Any = series.plan.rule.split(";")[0].removeprefix("FREQ=")
    old, new = (datetime.fromisoformat(text).date() for text in (before, then))
    assert period(frequency, old) == period(frequency, new)
