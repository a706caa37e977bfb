"""Asking those who were at an event what they make of it: once, at a time of day when people read."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from notifications_service.domain.notice import Cause, EventBefore, Kind, Spread

AFTER: Final = timedelta(hours=1)
"""How long after the end people are asked, at the earliest."""
MORNING, EVENING = time(9), time(20)
"""Between which they are, by the clock where the event is."""

WERE_THERE: Final = ("yes",)
"""How the RSVPs stand of those who are asked where nothing is noted of them."""


def was_there(mark: str | None, *, stood: bool) -> bool:
    """Whether somebody is asked. mark: what is noted of them, None = nothing; stood: their RSVP stands as it should."""
    return mark == "attended" or (mark is None and stood)


def ask_at(ends: datetime, timezone: str) -> datetime:
    """When to ask, at the earliest. ends: an instant; timezone: the event's IANA zone."""
    local = (ends + AFTER).astimezone(ZoneInfo(timezone))
    if MORNING <= local.time() < EVENING:
        return ends + AFTER
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    morning = datetime.combine(day, MORNING, ZoneInfo(timezone))
    return morning.astimezone(ends.tzinfo)


def of_ended(
    *,
    over: bool,
    before: EventBefore | None,
    said: str,
    ends: datetime,
    timezone: str,
    group: str,
    event: str,
    cause: Cause,
) -> Spread | None:
    """What an event that is over asks of those who were there. before, said: as for other news of an event."""
    if not over or (said != "ended" if before is None else before.over):
        return None
    asked = replace(cause, at=max(cause.at, ask_at(ends, timezone)))
    return Spread(Kind.FEEDBACK_ASKED, "attendees", asked, group, event, standing=WERE_THERE)
