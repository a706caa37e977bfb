"""Series: their dates, and what an edit from one of them on does to those that people have said yes to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chassis.journal import Command
from events_service.domain import replanning
from events_service.domain.event import Details
from events_service.domain.group import Group, Membership
from events_service.domain.recurrence import period
from events_service.domain.refusal import Refused
from events_service.domain.series import (
    Fell,
    Moved,
    Plan,
    Planned,
    Returned,
    Series,
    SeriesCancelled,
    SeriesChanged,
    SeriesPublished,
    cancel,
    create,
    evolve,
    instant_of,
    publish,
)
from events_service.handlers.occurrence import FALL
from events_service.handlers.series import CANCEL, Course, decide_cancel, follow

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
GROUP = Group("g", 1, "g", "G", (), "Berlin", "de", None, 52.5, 13.4, "public", "open", "active", "olga")
LEADER = Membership("active", "event_organizer", 1)
MEMBER = Membership("active", "member", 1)
TUESDAYS = Plan("FREQ=WEEKLY;BYDAY=TU;COUNT=5", "2026-12-01T18:30:00", "2026-12-01T21:00:00", "Europe/Berlin")
DETAILS = Details(
    "Tea", TUESDAYS.starts_at, TUESDAYS.ends_at, TUESDAYS.timezone, "everyone", rsvp_closes_at="PT2H", capacity=10
)


def id_of(number: int) -> str:
    return f"e{number}"


def made(plan: Plan = TUESDAYS, details: Details = DETAILS) -> Series:
    facts = create("s", "olga", plan, details, id_of=id_of, group=GROUP, membership=LEADER, now=NOW)
    return after(None, facts)


def after(series: Series | None, facts: Any, now: datetime = NOW) -> Series:
    assert not isinstance(facts, Refused), facts
    for fact in facts:
        series = evolve(series, fact, now)
    assert series is not None
    return series


def edit(series: Series, since: str | None = None, now: datetime = NOW, *, group: Group = GROUP, **wanted: Any) -> Any:
    plan = {name: wanted.pop(name) for name in tuple(wanted) if name in Plan.__slots__}
    return replanning.change(
        series,
        "olga",
        since=since,
        version=series.version,
        plan=plan,
        changes=wanted,
        edit_id="edit",
        id_of=id_of,
        group=group,
        membership=LEADER,
        now=now,
    )


def live(series: Series) -> dict[str, str]:
    return {one.event_id: one.at[:16] for one in series.occurrences if one.live}


def refused(decided: object) -> str:
    assert isinstance(decided, Refused), decided
    return decided.reason


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


def test_an_edit_reaches_the_dates_from_one_on() -> None:
    [fact] = edit(made(), "e3", title="Cha", capacity=20)
    assert isinstance(fact, SeriesChanged)
    assert fact.touched == ("e3", "e4", "e5")
    assert fact.changes == {"title": "Cha", "capacity": 20}
    assert fact.edit["changed"] == ["title", "capacity"]
    changed = after(made(), [fact])
    assert (changed.details.title, changed.version, live(changed)) == ("Cha", 2, live(made()))
    assert edit(changed, "e3", title="Cha") == []


def test_a_new_time_of_day_moves_the_dates_from_one_on() -> None:
    facts = edit(made(), "e4", starts_at="2026-12-22T19:00:00")
    assert facts[1:] == [Moved("e4", "2026-12-22T19:00:00"), Moved("e5", "2026-12-29T19:00:00")]
    assert facts[0].edit["changed"] == ["starts_at", "ends_at"]
    moved = after(made(), facts)
    assert moved.details_at("2026-12-29T19:00:00").ends_at == "2026-12-29T21:30:00"


def test_a_new_end_or_zone_moves_no_date_and_reaches_all() -> None:
    [longer] = edit(made(), ends_at="2026-12-01T22:00:00")
    assert (longer.touched, longer.edit["changed"]) == (("e1", "e2", "e3", "e4", "e5"), ["ends_at"])
    [zoned] = edit(made(), "e5", timezone="Europe/Lisbon")
    assert (zoned.touched, zoned.edit["changed"]) == (("e5",), ["starts_at", "ends_at"])


def test_another_day_needs_a_rule() -> None:
    assert refused(edit(made(), "e2", starts_at="2026-12-09T18:30:00")) == "series-needs-rule"
    facts = edit(made(), "e2", starts_at="2026-12-09T19:00:00", rule="FREQ=WEEKLY;BYDAY=WE;COUNT=3")
    assert facts[1:] == [
        Moved("e2", "2026-12-09T19:00:00"),
        Moved("e3", "2026-12-16T19:00:00"),
        Moved("e4", "2026-12-23T19:00:00"),
        Fell("e5"),
    ]
    assert facts[0].edit["fell"] == 1


def test_dates_that_the_new_rule_keeps_stay_where_they_are() -> None:
    facts = edit(made(), "e1", rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=4")
    assert [fact for fact in facts[1:] if not isinstance(fact, Planned)] == [Fell("e2"), Fell("e4")]
    assert live(after(made(), facts)) == {
        "e1": "2026-12-01T18:30",
        "e3": "2026-12-15T18:30",
        "e5": "2026-12-29T18:30",
        "e6": "2027-01-12T18:30",
    }


def test_a_date_left_out_falls_off_and_comes_back_as_itself() -> None:
    series = made()
    facts = edit(series, exdates=("2026-12-15",))
    assert facts[1:] == [Fell("e3")]
    without = after(series, facts)
    again = edit(without, exdates=())
    assert again[1:] == [Returned("e3", "2026-12-15T18:30:00")]
    assert live(after(without, again)) == live(series)


def test_the_first_date_may_come_back_too_and_at_the_time_of_today() -> None:
    without = after(made(), edit(made(), exdates=("2026-12-01",)))
    later = after(without, edit(without, starts_at="2026-12-08T20:00:00"))
    assert edit(later, exdates=())[1:] == [Returned("e1", "2026-12-01T20:00:00")]


def test_days_left_out_stay_so_when_the_time_moves() -> None:
    without = after(made(), edit(made(), exdates=("2026-12-15",)))
    moved = after(without, edit(without, starts_at="2026-12-01T20:00:00"))
    assert sorted(live(moved)) == ["e1", "e2", "e4", "e5"]
    assert live(moved)["e4"] == "2026-12-22T20:00"


def test_dates_beside_the_rule_come_and_go() -> None:
    more = after(made(), edit(made(), rdates=("2026-12-24", "2026-12-31T12:00:00")))
    assert (live(more)["e6"], live(more)["e7"]) == ("2026-12-24T18:30", "2026-12-31T12:00")
    moved = after(more, edit(more, starts_at="2026-12-01T20:00:00"))
    assert (live(moved)["e6"], live(moved)["e7"]) == ("2026-12-24T20:00", "2026-12-31T12:00")
    assert edit(moved, rdates=("2026-12-24",))[1:] == [Fell("e7")]


def test_a_date_beside_the_rule_is_named_apart_where_a_moved_one_was_first() -> None:
    moved = after(made(), edit(made(), rule="FREQ=WEEKLY;BYDAY=WE;COUNT=5"))
    facts = edit(moved, rdates=("2026-12-08",))
    [new] = [fact for fact in facts if isinstance(fact, Planned)]
    assert new.first_at == datetime(2026, 12, 8, 17, 30, 1, tzinfo=UTC)


def test_what_has_begun_stays() -> None:
    later = datetime(2026, 12, 9, tzinfo=UTC)
    [fact] = edit(made(), "e1", starts_at="2026-12-15T18:30:00", ends_at="2026-12-15T22:00:00", now=later)
    assert fact.touched == ("e3", "e4", "e5")
    facts = edit(made(), "e1", rule="FREQ=DAILY;UNTIL=20261217", now=later)
    assert {one.event_id for one in facts[1:] if isinstance(one, Fell)} == {"e4", "e5"}
    assert refused(edit(made(), title="Cha", now=datetime(2027, 2, 1, tzinfo=UTC))) == "event-past"


def test_an_edit_asks_dates_whose_planned_time_is_over_too_for_they_may_have_been_moved_alone() -> None:
    later = datetime(2026, 12, 9, tzinfo=UTC)
    [fact] = edit(made(), title="Cha", now=later)
    assert fact.touched == ("e1", "e2", "e3", "e4", "e5")
    [fact] = edit(made(), "e2", title="Cha", now=later)
    assert fact.touched == ("e2", "e3", "e4", "e5")
    without = after(made(), edit(made(), exdates=("2026-12-08",)))
    [fact] = edit(without, title="Cha", now=later)
    assert fact.touched == ("e1", "e3", "e4", "e5")


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


def test_a_frozen_group_has_no_new_dates_but_those_it_has() -> None:
    frozen, closed = replace(GROUP, status="frozen"), replace(GROUP, status="closed")
    assert refused(edit(made(), group=frozen, rdates=("2026-12-24",))) == "group-not-active"
    assert edit(made(), group=frozen, title="Cha")
    assert edit(made(), group=frozen, starts_at="2026-12-01T19:00:00")
    assert refused(edit(made(), group=closed, title="Cha")) == "group-closed"


def test_no_date_moves_to_what_is_over_or_to_where_another_one_is() -> None:
    plan = replace(TUESDAYS, rule="FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3")
    mondays: dict[str, Any] = {"rule": "FREQ=WEEKLY;BYDAY=MO;COUNT=2", "starts_at": "2026-12-07T18:30:00"}
    facts = edit(made(plan), **mondays, now=datetime(2026, 12, 8, 0, tzinfo=UTC))
    new = Planned("e4", "2026-12-14T18:30:00", datetime(2026, 12, 14, 17, 30, tzinfo=UTC))
    assert facts[1:] == [Fell("e3"), new], "the Monday of its own week is over"
    today = datetime(2026, 12, 8, 12, tzinfo=UTC)
    assert refused(edit(made(), starts_at="2026-12-08T09:00:00", now=today)) == "starts-in-the-past"
    both = after(made(), edit(made(), rdates=("2026-12-08T20:00:00",)))
    assert Fell("e6") in edit(both, starts_at="2026-12-01T20:00:00")


def test_edits_that_are_refused() -> None:
    series = made()
    assert refused(edit(series, "another", title="Cha")) == "unknown-event"
    assert refused(edit(series, exdates=tuple(one.at[:10] for one in series.occurrences))) == "no-dates"
    assert refused(edit(series, rule="FREQ=HOURLY;COUNT=2")) == "bad-rule"
    assert refused(edit(series, rsvp_closes_at="PT0H", rsvp_opens_at="PT0H")) == "bad-rsvp-window"
    assert (
        refused(
            replanning.change(
                series,
                "olga",
                since=None,
                version=7,
                plan={},
                changes={},
                edit_id="x",
                id_of=id_of,
                group=GROUP,
                membership=LEADER,
                now=NOW,
            )
        )
        == "stale-version"
    )


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
edits = st.lists(
    st.tuples(
        st.fixed_dictionaries(
            {},
            optional={
                "rule": rules,
                "exdates": st.lists(days, max_size=4).map(tuple),
                "rdates": st.lists(days, max_size=3, unique=True).map(tuple),
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
    # a new zone may put what had begun among what is to come: then the same words reach more, and are another wish
    woken = any(one.event_id not in reached and instant_of(then.plan, one) > now for one in concerned)
    if clock is None and "rule" not in wanted and not woken:
        assert edit(then, begins.event_id if begins else None, now, **dict(wanted)) == [], "the same wish again"
    return then


def _named_for_ever(before: Series, then: Series) -> None:
    names = [(one.event_id, one.first_at) for one in then.occurrences]
    assert names[: len(before.occurrences)] == [(one.event_id, one.first_at) for one in before.occurrences]
    assert len({id_ for id_, _ in names}) == len({first_at for _, first_at in names}) == len(names)


def _within_its_period(series: Series, before: str, then: str) -> None:
    """Nobody is moved out of their week or month."""
    frequency: Any = series.plan.rule.split(";")[0].removeprefix("FREQ=")
    old, new = (datetime.fromisoformat(text).date() for text in (before, then))
    assert period(frequency, old) == period(frequency, new)
