"""Which recurrence rules are accepted, and that their dates are those of RFC 5545's definition, read day by day.

The table of rules has the shapes of python-dateutil's and icalendar's own tests, as far as our parts go; what they come
to is derived here by definition, not taken from there.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from icalendar import vRecur

from events_service.domain.recurrence import HORIZON, MOST, Rule, dates, parse, period
from events_service.domain.refusal import Refused

from .wall import wall

TUESDAY = wall(1997, 9, 2, 9)
NEW_YORK = "America/New_York"
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
HOSTILE_MS = 50
TRIES = 3  # collecting the garbage of other tests falls into one of them


def naive(text: str, start: datetime) -> list[datetime]:
    """Every day of two years, asked whether it is one of the rule's. UNTIL as a day only."""
    parts = dict(part.split("=") for part in text.split(";"))
    every, end = int(parts.get("INTERVAL", 1)), start.date() + HORIZON
    by_period: dict[int, list[date]] = {}
    day = start.date().replace(month=1, day=1) - timedelta(days=7)
    while day <= end + timedelta(days=366):  # the last periods whole, for positions that count from their end
        number = _number(day, parts["FREQ"])
        if (number - _number(start.date(), parts["FREQ"])) % every == 0 and _meets(day, parts, start.date()):
            by_period.setdefault(number, []).append(day)
        day += timedelta(days=1)
    found: list[date] = []
    for members in by_period.values():
        wanted = {int(place) for place in parts["BYSETPOS"].split(",")} if "BYSETPOS" in parts else None
        places = ({place, place - len(members) - 1} for place in range(1, len(members) + 1))
        found += [one for one, place in zip(members, places, strict=True) if wanted is None or place & wanted]
    last = datetime.strptime(parts["UNTIL"], "%Y%m%d").date() if "UNTIL" in parts else end  # noqa: DTZ007
    walls = [datetime.combine(one, start.time()) for one in found if start.date() <= one <= min(last, end)]
    return walls[: int(parts["COUNT"])] if "COUNT" in parts else walls


def _number(day: date, frequency: str) -> int:
    """Counts the periods."""
    if frequency == "DAILY":
        return day.toordinal()
    if frequency == "WEEKLY":
        return (day.toordinal() - 1) // 7
    return day.year * 12 + day.month if frequency == "MONTHLY" else day.year


def _meets(day: date, parts: dict[str, str], start: date) -> bool:
    by_day, by_month_day = parts.get("BYDAY"), parts.get("BYMONTHDAY")
    if by_day and not any(_is(day, one, parts["FREQ"]) for one in by_day.split(",")):
        return False
    last = monthrange(day.year, day.month)[1]
    if by_month_day and not any(int(one) in (day.day, day.day - last - 1) for one in by_month_day.split(",")):
        return False
    if by_day or by_month_day or parts["FREQ"] == "DAILY":
        return True
    if parts["FREQ"] == "WEEKLY":
        return day.weekday() == start.weekday()
    return day.day == start.day and (parts["FREQ"] == "MONTHLY" or day.month == start.month)


def _is(day: date, wanted: str, frequency: str) -> bool:
    if DAYS[day.weekday()] != wanted[-2:]:
        return False
    if len(wanted) == 2:
        return True
    if frequency == "MONTHLY":
        place, of = day.day, monthrange(day.year, day.month)[1]
    else:
        place, of = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
    return int(wanted[:-2]) in ((place - 1) // 7 + 1, -((of - place) // 7 + 1))


RULES = [
    "FREQ=YEARLY;COUNT=2",
    "FREQ=YEARLY;INTERVAL=2;COUNT=2",
    "FREQ=YEARLY;BYMONTHDAY=1,3;COUNT=3",
    "FREQ=YEARLY;BYDAY=TU,TH;COUNT=3",
    "FREQ=YEARLY;BYDAY=1TU,-1TH;COUNT=3",
    "FREQ=YEARLY;BYDAY=3TU,-3TH;COUNT=3",
    "FREQ=YEARLY;BYDAY=13TU,-13TH;COUNT=3",
    "FREQ=YEARLY;BYMONTHDAY=1,3;BYDAY=TU,TH;COUNT=3",
    "FREQ=YEARLY;BYMONTHDAY=15;BYSETPOS=3,-3;COUNT=4",
    "FREQ=YEARLY;BYDAY=20MO;COUNT=2",
    "FREQ=MONTHLY;COUNT=3",
    "FREQ=MONTHLY;INTERVAL=2;COUNT=3",
    "FREQ=MONTHLY;INTERVAL=18;COUNT=2",
    "FREQ=MONTHLY;BYMONTHDAY=1,3;COUNT=3",
    "FREQ=MONTHLY;BYMONTHDAY=5,10;COUNT=3",
    "FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=6",
    "FREQ=MONTHLY;BYMONTHDAY=2,15;COUNT=10",
    "FREQ=MONTHLY;BYMONTHDAY=1,-1;COUNT=10",
    "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=7",
    "FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=10,11,12,13,14,15;COUNT=10",
    "FREQ=MONTHLY;BYDAY=TU,TH;COUNT=3",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU;COUNT=18",
    "FREQ=MONTHLY;BYDAY=1TU,-1TH;COUNT=3",
    "FREQ=MONTHLY;BYDAY=3TU,-3TH;COUNT=3",
    "FREQ=MONTHLY;BYDAY=2MO,FR;COUNT=12",
    "FREQ=YEARLY;BYDAY=TU,-4FR;COUNT=60",
    "FREQ=MONTHLY;BYDAY=1FR;COUNT=10",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU;COUNT=10",
    "FREQ=MONTHLY;BYDAY=-2MO;COUNT=6",
    "FREQ=MONTHLY;BYDAY=5FR;COUNT=6",
    "FREQ=MONTHLY;BYMONTHDAY=1,3;BYDAY=TU,TH;COUNT=3",
    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;COUNT=3",
    "FREQ=MONTHLY;BYMONTHDAY=7,8,9,10,11,12,13;BYDAY=SA;COUNT=10",
    "FREQ=MONTHLY;BYMONTHDAY=13,17;BYSETPOS=1,-1;COUNT=3",
    "FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3;COUNT=3",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=7",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;UNTIL=19980630",
    "FREQ=WEEKLY;COUNT=3",
    "FREQ=WEEKLY;INTERVAL=2;COUNT=3",
    "FREQ=WEEKLY;INTERVAL=20;COUNT=3",
    "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=6",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR;UNTIL=19971224",
    "FREQ=WEEKLY;BYDAY=TU,TH,SA;BYSETPOS=-1;COUNT=5",
    "FREQ=WEEKLY;BYDAY=MO,TH;BYSETPOS=1;COUNT=3",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;BYSETPOS=1;COUNT=3",
    "FREQ=DAILY;COUNT=3",
    "FREQ=DAILY;INTERVAL=2;COUNT=3",
    "FREQ=DAILY;INTERVAL=92;COUNT=3",
    "FREQ=DAILY;BYMONTHDAY=1,3;COUNT=3",
    "FREQ=DAILY;BYDAY=TU,TH;COUNT=3",
    "FREQ=DAILY;BYMONTHDAY=1,3;BYDAY=TU,TH;COUNT=3",
    "FREQ=DAILY;UNTIL=19971024",
    "FREQ=DAILY;UNTIL=19970904",
]


def accepted(text: str) -> Rule:
    rule = parse(text)
    assert isinstance(rule, Rule), rule
    return rule


@pytest.mark.parametrize("text", RULES)
def test_a_rules_dates_are_those_of_its_definition(text: str) -> None:
    found = dates(accepted(text), TUESDAY, NEW_YORK)
    assert found == naive(text, TUESDAY)
    assert found, "a rule without dates shows nothing"


@pytest.mark.parametrize("text", RULES)
def test_icalendar_reads_a_rule_as_we_do(text: str) -> None:
    theirs, ours = vRecur.from_ical(text), accepted(text)
    assert theirs["FREQ"] == [ours.frequency]
    assert theirs.get("INTERVAL", [1]) == [ours.interval]
    assert theirs.get("COUNT", [None]) == [ours.count]
    assert [int(one) for one in theirs.get("BYMONTHDAY", [])] == list(ours.by_month_day)
    assert [int(one) for one in theirs.get("BYSETPOS", [])] == list(ours.by_set_pos)
    assert [str(one) for one in theirs.get("BYDAY", [])] == [f"{n or ''}{DAYS[day]}" for n, day in ours.by_day]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;COUNT=2;UNTIL=20270101",
        "FREQ=SECONDLY;COUNT=2",
        "FREQ=MINUTELY;COUNT=2",
        "FREQ=HOURLY;COUNT=2",
        "FREQ=WEEKLY;COUNT=105",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=-1",
        "FREQ=WEEKLY;COUNT=²",
        "FREQ=WEEKLY;COUNT=2;COUNT=3",
        "FREQ=WEEKLY;INTERVAL=0;COUNT=2",
        "FREQ=WEEKLY;INTERVAL=105;COUNT=2",
        "FREQ=WEEKLY;BYHOUR=1;COUNT=2",
        "FREQ=WEEKLY;BYMINUTE=1;COUNT=2",
        "FREQ=YEARLY;BYMONTH=2;COUNT=2",
        "FREQ=YEARLY;BYEASTER=0;COUNT=2",
        "FREQ=WEEKLY;WKST=SU;COUNT=2",
        "FREQ=WEEKLY;X-NAME=1;COUNT=2",
        "FREQ=WEEKLY;BYDAY=1TU;COUNT=2",
        "FREQ=WEEKLY;BYDAY=XX;COUNT=2",
        "FREQ=WEEKLY;BYDAY=;COUNT=2",
        "FREQ=WEEKLY;BYMONTHDAY=1;COUNT=2",
        "FREQ=MONTHLY;BYDAY=6TU;COUNT=2",
        "FREQ=MONTHLY;BYDAY=0TU;COUNT=2",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=30;COUNT=2",
        "FREQ=MONTHLY;BYMONTHDAY=0;COUNT=2",
        "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=2",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5;COUNT=2",
        "FREQ=MONTHLY;BYSETPOS=1;COUNT=2",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=MO;INTERVAL=12;COUNT=2",
        "FREQ=DAILY;BYDAY=MO;INTERVAL=7;COUNT=2",
        "FREQ=DAILY;BYDAY=MO;BYSETPOS=2;COUNT=2",
        "FREQ=YEARLY;BYDAY=54MO;COUNT=2",
        "FREQ=YEARLY;INTERVAL=3;COUNT=2",
        "FREQ=WEEKLY;UNTIL=20261301",
        "FREQ=WEEKLY;UNTIL=tomorrow",
        "FREQ=WEEKLY;UNTIL=20261201T250000Z",
    ],
)
def test_rules_that_are_refused(text: str) -> None:
    refused = parse(text)
    assert isinstance(refused, Refused), refused
    assert refused.reason == "bad-rule"


@pytest.mark.parametrize(
    ("text", "start", "reason"),
    [
        ("FREQ=DAILY;UNTIL=19971216", TUESDAY, "too-many-dates"),
        ("FREQ=WEEKLY;UNTIL=20000101", TUESDAY, "too-far"),
        ("FREQ=MONTHLY;COUNT=26", TUESDAY, "too-far"),
        ("FREQ=WEEKLY;UNTIL=19970801", TUESDAY, "no-dates"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30;COUNT=2", wall(2027, 2, 1, 9), "no-dates"),
        ("FREQ=MONTHLY;INTERVAL=24;BYDAY=5MO;COUNT=1", wall(2027, 2, 1, 9), "no-dates"),
    ],
)
def test_dates_without_end_or_none_are_refused(text: str, start: datetime, reason: str) -> None:
    refused = dates(accepted(text), start, NEW_YORK)
    assert isinstance(refused, Refused), refused
    assert refused.reason == reason


def test_a_wall_time_stays_over_daylight_saving_and_until_is_an_instant() -> None:
    start = wall(2027, 3, 24, 18, 30)
    until = datetime(2027, 4, 7, 18, 30, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    rule = accepted(f"FREQ=WEEKLY;UNTIL={until:%Y%m%dT%H%M%SZ}")
    assert dates(rule, start, "Europe/Berlin") == [start + timedelta(weeks=week) for week in range(3)]
    earlier = accepted(f"FREQ=WEEKLY;UNTIL={until - timedelta(seconds=1):%Y%m%dT%H%M%SZ}")
    assert len(dates(earlier, start, "Europe/Berlin")) == 2  # type: ignore[arg-type]  # a list, as above


def test_a_rule_may_run_for_two_years() -> None:
    found = dates(accepted("FREQ=WEEKLY;COUNT=104"), TUESDAY, NEW_YORK)
    assert isinstance(found, list)
    assert len(found) == MOST


def test_weeks_begin_on_monday() -> None:
    sunday, monday = date(2026, 11, 29), date(2026, 11, 30)
    assert period("WEEKLY", sunday) != period("WEEKLY", monday) == period("WEEKLY", date(2026, 12, 6))


numbered = st.tuples(st.integers(-54, 54), st.sampled_from(DAYS)).map(lambda one: f"{one[0] or ''}{one[1]}")
lists = {
    "INTERVAL": st.integers(0, 800).map(str),
    "BYDAY": st.lists(st.one_of(st.sampled_from(DAYS), numbered), min_size=1, max_size=8).map(",".join),
    "BYMONTHDAY": st.lists(st.integers(-32, 32).map(str), min_size=1, max_size=8).map(",".join),
    "BYSETPOS": st.lists(st.integers(-370, 370).map(str), min_size=1, max_size=4).map(",".join),
}
ends = st.one_of(
    st.integers(0, 120).map(lambda count: f"COUNT={count}"),
    st.dates(date(1997, 1, 1), date(2000, 1, 1)).map(lambda day: f"UNTIL={day:%Y%m%d}"),
    st.just("UNTIL=99991231"),
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Mostly well formed, often without any date."""
    parts = [f"FREQ={draw(st.sampled_from(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY', 'SECONDLY']))}"]
    names = draw(st.sets(st.sampled_from(sorted(lists))))
    parts += [f"{name}={draw(lists[name])}" for name in sorted(names)]
    return ";".join([*parts, draw(ends)])


starts = st.datetimes(wall(1997, 1, 1), wall(1998, 12, 31)).map(lambda time: time.replace(microsecond=0))


# a rule that takes long takes long at every step of shrinking
@settings(max_examples=300, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(rules(), starts)
def test_any_rule_is_refused_or_right_and_soon(text: str, start: datetime) -> None:
    took: list[float] = []
    while not took or (took[-1] >= HOSTILE_MS and len(took) < TRIES):
        before = process_time()
        rule = parse(text)
        found = rule if isinstance(rule, Refused) else dates(rule, start, NEW_YORK)
        took.append((process_time() - before) * 1000)
    assert min(took) < HOSTILE_MS
    if isinstance(found, list):
        assert found == naive(text, start)
        assert 1 <= len(found) <= MOST


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert isinstance(parse(text), Rule | Refused)
