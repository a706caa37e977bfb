"""What an edit of a series from one date on does to those that people have said yes to."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from events_service.domain import replanning
from events_service.domain.series import (
    Fell,
    Moved,
    Planned,
    Returned,
    Series,
    SeriesChanged,
)

from .dates import GROUP, LEADER, NOW, TUESDAYS, after, edit, id_of, live, made, refused


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


def test_an_edit_says_how_many_dates_fall_off_and_how_many_take_place_after_all() -> None:
    without = after(made(), edit(made(), exdates=("2026-12-08", "2026-12-15")))
    facts = edit(without, exdates=("2026-12-22", "2026-12-08"))
    assert (facts[0].edit["fell"], facts[0].edit["back"]) == (1, 1)


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


def beside(*rdates: str) -> Series:
    """Tuesdays, with dates beside them; e6 is the first of these."""
    return after(made(), edit(made(), rdates=rdates))


SATURDAY = "2026-12-05T10:00:00"
WEDNESDAY = datetime(2026, 12, 2, 12, tzinfo=UTC)
NEXT = datetime(2027, 5, 5, 16, 30, tzinfo=UTC)


def test_a_new_rule_alone_leaves_the_time_of_day_also_where_a_date_with_its_own_comes_next() -> None:
    series = beside(SATURDAY)
    facts = edit(series, now=WEDNESDAY, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=2")
    assert facts[1:] == [Fell("e2"), Fell("e4")]
    assert facts[0].edit["changed"] == []
    then = after(series, facts, WEDNESDAY)
    assert (then.plan.starts_at, then.plan.rdates) == ("2026-12-05T18:30:00", (SATURDAY,))
    assert live(then)["e6"] == "2026-12-05T10:00"


def test_a_date_that_is_still_wanted_as_it_is_stays_where_the_new_rule_has_another_that_day() -> None:
    series = beside("2026-12-05T20:00:00")
    facts = edit(series, now=WEDNESDAY, rule="FREQ=WEEKLY;BYDAY=TU,SA;COUNT=8")
    assert [fact.at for fact in facts[1:]] == [f"2026-12-{day}T18:30:00" for day in ("05", "12", "19", "26")]
    assert live(after(series, facts, WEDNESDAY))["e6"] == "2026-12-05T20:00"


def test_the_date_that_an_edit_begins_with_goes_to_the_new_time_and_so_do_all_that_had_its_time() -> None:
    series = beside(SATURDAY, "2026-12-17T12:00:00")
    then = after(series, edit(series, "e6", starts_at="2026-12-05T11:00:00"))
    assert live(then) == {
        "e1": "2026-12-01T18:30",
        "e6": "2026-12-05T11:00",
        **{f"e{n}": f"2026-12-{1 + 7 * (n - 1):02}T11:00" for n in (2, 3, 4, 5)},
        "e7": "2026-12-17T12:00",
    }
    assert then.plan.rdates == ("2026-12-05", "2026-12-17T12:00:00")
    assert edit(then, "e6", starts_at="2026-12-05T11:00:00") == []
    assert edit(series, "e6", ends_at="2026-12-05T13:00:00")[0].plan["ends_at"] == "2026-12-01T21:30:00", "three hours"
    later = after(made(), edit(made(), "e4", starts_at="2026-12-22T20:00:00"))
    assert {at[11:] for at in live(after(later, edit(later, starts_at="2026-12-01T19:00:00"))).values()} == {"19:00"}


def test_an_edit_without_a_rule_adds_no_more_dates_than_a_series_has_and_none_beyond_two_years() -> None:
    series = made(replace(TUESDAYS, rule="FREQ=DAILY;COUNT=100"))
    days = [f"2027-05-{day:02}" for day in range(1, 6)]
    assert refused(edit(series, rdates=tuple(days))) == "too-many-dates"
    full = after(series, edit(series, rdates=tuple(days[:4])))
    assert len(live(full)) == 104
    assert edit(full, rdates=tuple(days[1:]))[1:] == [Fell("e101"), Planned("e105", f"{days[4]}T18:30:00", NEXT)]
    assert refused(edit(full, "e102", rdates=tuple(days))) == "too-many-dates"
    assert refused(edit(made(), rdates=("2150-01-01",))) == "too-far"
    assert edit(full, title="Cha")


def test_a_series_that_outgrew_the_bounds_by_new_rules_is_still_edited() -> None:
    series = made(replace(TUESDAYS, rule="FREQ=DAILY;COUNT=104"))
    later = datetime(2027, 3, 1, tzinfo=UTC)
    more = after(series, edit(series, now=later, rule="FREQ=DAILY;COUNT=104"), later)
    assert len(live(more)) > 104
    assert edit(more, now=later, title="Cha")
    assert edit(more, now=later, exdates=("2027-03-02",), rdates=("2027-03-02T10:00:00",))


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


def test_an_edit_that_calls_off_the_date_it_begins_with_changes_nothing_the_second_time() -> None:
    more = after(made(), edit(made(), rdates=("2027-01-07",)))
    wish: dict[str, Any] = {"rdates": ("2026-12-03",), "title": "Cha"}
    facts = edit(more, "e6", **wish)
    assert facts[1:] == [Fell("e6"), Planned("e7", "2026-12-03T18:30:00", datetime(2026, 12, 3, 17, 30, tzinfo=UTC))]
    then = after(more, facts)
    assert edit(then, "e6", **wish) == []
    assert refused(edit(then, "e6", title="Chai")) == "event-past"
    assert refused(edit(then, "e6", rdates=("2026-12-04",))) == "event-past"


def test_an_edit_asks_dates_whose_planned_time_is_over_too_for_they_may_have_been_moved_alone() -> None:
    later = datetime(2026, 12, 9, tzinfo=UTC)
    [fact] = edit(made(), title="Cha", now=later)
    assert fact.touched == ("e1", "e2", "e3", "e4", "e5")
    [fact] = edit(made(), "e2", title="Cha", now=later)
    assert fact.touched == ("e2", "e3", "e4", "e5")
    without = after(made(), edit(made(), exdates=("2026-12-08",)))
    [fact] = edit(without, title="Cha", now=later)
    assert fact.touched == ("e1", "e3", "e4", "e5")


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
