"""A series of Tuesdays and what becomes of it; what the tests of series share."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from events_service.domain import replanning
from events_service.domain.details import Details
from events_service.domain.event import Event, Fact
from events_service.domain.group import Group, Membership
from events_service.domain.occurrence import Order, occur
from events_service.domain.plan import Plan
from events_service.domain.refusal import Refused
from events_service.domain.series import Series, create, evolve

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


def occurred(
    event_id: str, event: Event | None, by: str, order: Order, *, now: datetime, without: Collection[str] = ()
) -> list[Fact]:
    """What a date makes of the order of its series; it is not refused."""
    facts = occur(event_id, event, by, order, now=now, without=without)
    assert not isinstance(facts, Refused), facts
    return facts


def live(series: Series) -> dict[str, str]:
    return {one.event_id: one.at[:16] for one in series.occurrences if one.live}


def refused(decided: object) -> str:
    assert isinstance(decided, Refused), decided
    return decided.reason
