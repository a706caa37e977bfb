"""Which dates a series has: a rule, the days left out of it and those beside it, as wall times in one zone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from chassis.zones import is_zone
from events_service.domain.details import Details, times
from events_service.domain.recurrence import TOO_FAR, Rule, bounded, dates, parse
from events_service.domain.refusal import Refused
from events_service.domain.schedule import duration

BAD_WINDOW: Final = Refused(
    "bad-rsvp-window", "RSVPs for the dates of a series open and close at a duration before the start."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which dates there are.

    rule: an RRULE's value; starts_at, ends_at: wall times of the rule's first date; exdates: days that the rule names
    and that are left out; rdates: more dates: a day, at the series' time, or a wall time.
    """

    rule: str
    starts_at: str
    ends_at: str
    timezone: str
    exdates: tuple[str, ...] = ()
    rdates: tuple[str, ...] = ()

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.starts_at)

    @property
    def length(self) -> timedelta:
        """By the clock on the wall."""
        return datetime.fromisoformat(self.ends_at) - self.start


def planned(plan: Plan, details: Details) -> list[datetime] | Refused:
    """The plan's wall times in order, 1 to 104, each of which can be held; or what is wrong."""
    rule = parse(plan.rule)
    found = rule if isinstance(rule, Refused) else walls(plan, rule)
    return found if isinstance(found, Refused) else held(plan, details, found) or found


def walls(plan: Plan, rule: Rule) -> list[datetime] | Refused:
    """The rule's wall times without the days left out, and the dates beside it."""
    if not is_zone(plan.timezone):
        return Refused("unknown-timezone", f"{plan.timezone} is no IANA time zone.")
    by_rule = dates(rule, plan.start, plan.timezone)
    if isinstance(by_rule, Refused):
        return by_rule
    found = {at for at in by_rule if at.date().isoformat() not in plan.exdates}
    found |= {extra(plan, one) for one in plan.rdates}
    if not found:
        return Refused("no-dates", "No date is left.")
    if min(found).date() < plan.start.date():
        return TOO_FAR
    return bounded(plan.start, found) or sorted(found)


def extra(plan: Plan, rdate: str) -> datetime:
    """The wall time of a date beside the rule."""
    at = datetime.fromisoformat(rdate)
    return at if "T" in rdate else datetime.combine(at.date(), plan.start.time())


def held(plan: Plan, details: Details, found: Iterable[datetime]) -> Refused | None:
    """What keeps one of the dates from being held, if anything does."""
    windows = (details.rsvp_opens_at, details.rsvp_closes_at)
    if any(window is not None and duration(window) is None for window in windows):
        return BAD_WINDOW
    for at in found:
        fit = times(dated(details, plan, at))
        if isinstance(fit, Refused):
            return Refused(fit.reason, f"{text_of(at)}: {fit.detail}")
    return None


def dated(details: Details, plan: Plan, at: datetime) -> Details:
    """The details of one date."""
    ends = text_of(at + plan.length)
    return replace(details, starts_at=text_of(at), ends_at=ends, timezone=plan.timezone)


def text_of(at: datetime) -> str:
    """A wall time as text."""
    return at.isoformat(timespec="seconds")


def plan_of(values: Mapping[str, Any]) -> Plan:
    """A plan from plain values: all of the fields."""
    exdates, rdates = tuple(values["exdates"]), tuple(values["rdates"])
    return Plan(values["rule"], values["starts_at"], values["ends_at"], values["timezone"], exdates, rdates)
