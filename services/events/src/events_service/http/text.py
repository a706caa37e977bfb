"""Texts, times and places as callers may write them: bounded, trimmed, and real where that can be looked up."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    HttpUrl,
    StringConstraints,
    UrlConstraints,
)

from chassis.finding import different
from chassis.http.text import IANA, LINES, ONE_LINE

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def _instant(given: Any) -> Any:
    if isinstance(given, str) and not _INSTANT.fullmatch(given):
        raise ValueError("not an RFC 3339 date and time with an offset")
    return given


def _utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("beyond what a calendar reaches") from None


def _wall(text: str) -> str:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not an ISO 8601 date and time") from None
    if time.tzinfo is not None:
        raise ValueError("a wall time has no offset; its zone is `timezone`")
    if not 2000 <= time.year < 2200:
        raise ValueError("a year from 2000 to 2199")
    return time.isoformat(timespec="seconds")


def _day(text: str) -> str:
    return _wall(text)[:10]


def _date(text: str) -> str:
    return _day(text) if len(text) <= len("2026-12-01") else _wall(text)


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), ONE_LINE]
"""One line that says something."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), LINES]
"""Several lines, or none."""
Shared = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000), LINES]
"""Several lines that each of a hundred dates takes along."""
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), LINES]
"""Several lines that say something."""
Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000), LINES]
"""A page that says something."""
Few = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000), LINES]
"""A page, or nothing."""
Notes = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000), LINES]
"""A few lines that each of a hundred dates takes along, or none."""
Zone = Annotated[str, Field(max_length=64, examples=["Europe/Paris"]), IANA]
"""An IANA time zone."""
Instant = Annotated[AwareDatetime, BeforeValidator(_instant), AfterValidator(_utc)]
"""A moment, RFC 3339, in UTC. Without the check a bare number would count seconds since 1970."""
Wall = Annotated[str, Field(max_length=40, examples=["2030-06-01T18:30:00"]), AfterValidator(_wall)]
"""A local wall time without offset."""
Window = Annotated[str, Field(max_length=40, examples=["PT2H"])]
"""When RSVPs open or close: an instant, a wall time, or an ISO 8601 duration before the start."""
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Topic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), ONE_LINE]
Topics = Annotated[list[Topic], Field(max_length=15), AfterValidator(different)]
"""Up to 15; of those that mean the same the first stays."""
MemberId = Annotated[str, StringConstraints(min_length=1, max_length=255), ONE_LINE]
Hosts = Annotated[list[MemberId], Field(max_length=5), AfterValidator(_unique)]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250), ONE_LINE]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, max_length=250), LINES]
Questions = Annotated[list[Question], Field(max_length=6)]
Answers = Annotated[list[Answer], Field(max_length=6)]
"""To an event's questions, in their order."""
Link = Annotated[HttpUrl, UrlConstraints(max_length=2000, allowed_schemes=["https", "http"])]
Photos = Annotated[list[Link], Field(max_length=10)]
"""Up to 10 addresses of pictures."""
Rule = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
"""An RRULE's value."""
Days = Annotated[list[Annotated[str, Field(max_length=40), AfterValidator(_day)]], Field(max_length=104)]
"""Days; of a wall time its day."""
Dates = Annotated[list[Annotated[str, Field(max_length=40), AfterValidator(_date)]], Field(max_length=104)]
"""Days, or wall times where the time is another one."""
