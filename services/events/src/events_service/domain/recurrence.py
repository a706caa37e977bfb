"""Recurrence rules (RFC 5545, RRULE): which of them are accepted, and the dates they come to.

python-dateutil finds the dates. Where a rule has none it looks on until the year 9999, and finer frequencies than days
give dates without end, so only rules reach it of which every period, or one soon after, has a date.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Final, Literal
from zoneinfo import ZoneInfo

from dateutil import rrule

from events_service.domain.refusal import Refused

MOST: Final = 104
"""Dates of a series."""

HORIZON: Final = timedelta(days=731)
"""How long after its first date a series may go on: two years, with a leap day."""

TOO_FAR: Final = Refused("too-far", "The dates of a series are within two years of its first.")

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]

_KINDS: Final = {"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY, "YEARLY": rrule.YEARLY}
_LONGEST: Final = {"DAILY": 731, "WEEKLY": 104, "MONTHLY": 24, "YEARLY": 2}
_WEEKS: Final = {"DAILY": 0, "WEEKLY": 0, "MONTHLY": 4, "YEARLY": 52}
"""How often each weekday comes in a period, at least; it may come once more. Where it is 0 weekdays have no number."""
_WEEKDAYS: Final = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)
_NAMES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS"})
_BYDAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL: Final = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,4}", re.ASCII)
_SHORTEST_MONTH: Final = 28
_LONG_MONTHS: Final = frozenset({1, 3, 5, 7, 8, 10, 12})


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was accepted.

    until: as it was written: an instant, a wall time or a day; by_day: which of the period's (0 = all of them, negative
    = from its end) and the weekday from Monday = 0; the others as in RFC 5545.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: str | None = None
    by_day: tuple[tuple[int, int], ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()


class _BadRule(ValueError):
    """Says what is wrong."""


def parse(text: str) -> Rule | Refused:
    """The rule of an RRULE's value, or what is wrong with it."""
    try:
        rule = _read(text.upper())
        _check(rule)
    except _BadRule as wrong:
        return Refused("bad-rule", f"{wrong}.")
    return rule


def dates(rule: Rule, start: datetime, timezone: str) -> list[datetime] | Refused:
    """The rule's wall times from `start`, itself a wall time, in order: 1 to 104 within two years."""
    last = _until(rule.until, start, timezone)
    if last is not None and last > start + HORIZON:
        return TOO_FAR
    if not _comes_again(rule, start):
        return Refused("no-dates", "No date fits the rule.")
    to_come = (one for one in _expanded(rule, start, last or start + HORIZON) if one >= start)
    found = list(islice(to_come, rule.count or MOST + 1))
    if not found:
        return Refused("no-dates", "No date fits the rule.")
    if rule.count is not None and len(found) < rule.count:
        return TOO_FAR
    return bounded(start, found) or found


def bounded(start: datetime, found: Collection[datetime]) -> Refused | None:
    """Whether these are too many dates for one series, or too late ones. start: of its rule."""
    if len(found) > MOST:
        return Refused("too-many-dates", f"A series has at most {MOST} dates.")
    return TOO_FAR if max(found) > start + HORIZON else None


def period(frequency: Frequency, day: date) -> tuple[int, ...]:
    """What tells the rule's periods apart: the day, the week from Monday, the month or the year."""
    match frequency:
        case "DAILY":
            return (day.toordinal(),)
        case "WEEKLY":
            return (day.toordinal() - day.weekday(),)
        case "MONTHLY":
            return day.year, day.month
        case "YEARLY":
            return (day.year,)


def _expanded(rule: Rule, start: datetime, last: datetime) -> rrule.rrule:
    """Maybe with dates before the start: positions count from Monday, and dateutil's first week begins at its start."""
    monday = start - timedelta(days=start.weekday())
    return rrule.rrule(
        _KINDS[rule.frequency],  # type: ignore[arg-type]  # the stubs know the constants of one spelling only
        dtstart=monday if rule.frequency == "WEEKLY" and rule.by_day else start,
        interval=rule.interval,
        until=last,
        byweekday=_by_weekday(rule) or None,
        bymonthday=list(rule.by_month_day) or None,
        bysetpos=list(rule.by_set_pos) or None,
    )


def _by_weekday(rule: Rule) -> list[rrule.weekday]:
    """All by number or none: for dateutil a date meets both kinds where a rule has both, for the RFC one of them."""
    if not any(nth for nth, _ in rule.by_day):
        return [_WEEKDAYS[day] for _, day in rule.by_day]
    every = range(1, _WEEKS[rule.frequency] + 2)
    return [_WEEKDAYS[day](number) for nth, day in rule.by_day for number in ([nth] if nth else every)]


def _read(text: str) -> Rule:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or name in parts:
            raise _BadRule("A rule is NAME=VALUE;NAME=VALUE, each name once")
        if name not in _PARTS:
            raise _BadRule(f"{name[:20]} is no part of a rule here; there are {', '.join(sorted(_PARTS))}")
        parts[name] = value
    frequency = _frequency(parts.get("FREQ"))
    until = parts.get("UNTIL")
    if until is not None and not _is_time(until):
        raise _BadRule("UNTIL is a day, a wall time or an instant, as in 20270301T170000Z")
    return Rule(
        frequency,
        interval=_within(parts.get("INTERVAL", "1"), "INTERVAL", 1, _LONGEST[frequency]),
        count=None if "COUNT" not in parts else _within(parts["COUNT"], "COUNT", 1, MOST),
        until=until,
        by_day=() if "BYDAY" not in parts else _weekdays(parts["BYDAY"], _WEEKS[frequency]),
        by_month_day=_numbers(parts.get("BYMONTHDAY"), "BYMONTHDAY", 31),
        by_set_pos=_numbers(parts.get("BYSETPOS"), "BYSETPOS", 366),
    )


def _frequency(text: str | None) -> Frequency:
    match text:
        case "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY":
            return text
    raise _BadRule("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY")


def _check(rule: Rule) -> None:
    """What fits each part alone and still gives no dates, or no end. Raises _BadRule."""
    if (rule.count is None) == (rule.until is None):
        raise _BadRule("A rule ends by COUNT or by UNTIL, one of the two")
    if rule.by_month_day and rule.frequency == "WEEKLY":
        raise _BadRule("BYMONTHDAY is not for weeks")
    if rule.by_month_day and any(nth for nth, _ in rule.by_day):
        raise _BadRule("BYMONTHDAY does not go with numbered weekdays")
    both = bool(rule.by_day and rule.by_month_day)
    filters = both or (rule.frequency == "DAILY" and bool(rule.by_day or rule.by_month_day))
    if filters and rule.interval > 1:
        raise _BadRule("INTERVAL does not go with days that it may never meet")
    if rule.by_set_pos:
        if filters or rule.frequency == "DAILY" or not (rule.by_day or rule.by_month_day):
            raise _BadRule("BYSETPOS chooses among BYDAY or BYMONTHDAY, in weeks, months and years")
        if max(map(abs, rule.by_set_pos)) > _always(rule):
            raise _BadRule("BYSETPOS chooses a date that every period has")


def _always(rule: Rule) -> int:
    """How many dates every period has at least; what counts from its end may be what counts from its start."""
    if rule.by_month_day:
        of_month = [day for day in set(rule.by_month_day) if abs(day) <= _SHORTEST_MONTH]
        return max(_signed(of_month)) * (12 if rule.frequency == "YEARLY" else 1)
    weeks = _WEEKS[rule.frequency]
    found = 0
    for weekday in {day for _, day in rule.by_day}:
        numbers = {nth for nth, day in rule.by_day if day == weekday}
        found += (weeks or 1) if 0 in numbers else max(_signed([nth for nth in numbers if abs(nth) <= weeks]))
    return found


def _signed(numbers: Sequence[int]) -> tuple[int, int]:
    positive = sum(number > 0 for number in numbers)
    return positive, len(numbers) - positive


def _comes_again(rule: Rule, start: datetime) -> bool:
    """Whether a rule that always comes to the same month can find its dates there, for ever."""
    if rule.frequency != "MONTHLY" or rule.interval % 12:
        return True
    longest = 31 if start.month in _LONG_MONTHS else 30 if start.month != 2 else _SHORTEST_MONTH
    if rule.by_month_day:
        return min(map(abs, rule.by_month_day)) <= longest
    return start.month != 2 or not rule.by_day or min(abs(nth) for nth, _ in rule.by_day) <= _WEEKS["MONTHLY"]


def _until(text: str | None, start: datetime, timezone: str) -> datetime | None:
    """The last wall time that an UNTIL allows; a day allows all of it."""
    if text is None:
        return None
    if len(text) == 8:
        return datetime.combine(_day(text), start.time()).replace(hour=23, minute=59, second=59)
    wall = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a wall time, or made one below
    if not text.endswith("Z"):
        return wall
    return wall.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).replace(tzinfo=None)


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _is_time(text: str) -> bool:
    if not _UNTIL.fullmatch(text):
        return False
    try:
        _until(text, datetime(2000, 1, 1), "UTC")  # noqa: DTZ001 - a wall time
    except ValueError:
        return False
    return 1 < int(text[:4]) < 9999


def _within(text: str, name: str, least: int, most: int) -> int:
    number = int(text) if _NUMBER.fullmatch(text) else 0
    if not least <= number <= most:
        raise _BadRule(f"{name} is a number from {least} to {most}")
    return number


def _numbers(text: str | None, name: str, most: int) -> tuple[int, ...]:
    """Numbers that count from the start or, negative, from the end."""
    if text is None:
        return ()
    found = tuple(int(part) if _NUMBER.fullmatch(part) else 0 for part in text.split(","))
    if not all(0 < abs(number) <= most for number in found):
        raise _BadRule(f"{name} is numbers from 1 to {most}, or from -1 to -{most}")
    return found


def _weekdays(text: str, weeks: int) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for part in text.split(","):
        weekday = _BYDAY.fullmatch(part)
        if weekday is None:
            raise _BadRule("BYDAY is weekdays as MO, 1TU or -1FR")
        nth = int(weekday[1] or 0)
        if weekday[1] is not None and not 0 < abs(nth) <= (weeks + 1 if weeks else 0):
            raise _BadRule("BYDAY numbers weekdays of a month from 1 to 5, of a year from 1 to 53")
        found.append((nth, _NAMES.index(weekday[2])))
    return tuple(found)
