"""The dates of a series that an edit is about, and where they go.

RSVPs belong to a date, so a date moves only to where its people would look for it: within its own day, or week, month
or year of the new rule.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from events_service.domain.plan import Plan, extra, text_of, walls
from events_service.domain.recurrence import Frequency, bounded, dates, parse, period
from events_service.domain.refusal import Refused
from events_service.domain.schedule import instant
from events_service.domain.series import Occurrence, Series, instant_of

NOT_ITS_EVENT: Final = Refused("unknown-event", "This series has no such event.")
NEEDS_RULE: Final = Refused(
    "series-needs-rule", "The dates move to other days by a new rule; without one only their time of day moves."
)
NOTHING_LEFT: Final = Refused("event-past", "No date is left that could change.")


@dataclass(frozen=True, slots=True)
class Dates:
    """What becomes of the dates concerned. kept: wall times by event; more: others, in order."""

    plan: Plan
    kept: dict[str, datetime]
    more: list[datetime]


@dataclass(frozen=True, slots=True)
class Tail:
    """The dates concerned, those that fell off included. begins: the wall time they begin with, as text; first: that of
    the first that counts."""

    all: tuple[Occurrence, ...]
    begins: str
    first: datetime

    @property
    def live(self) -> list[Occurrence]:
        return [one for one in self.all if one.live]


def tail_of(series: Series, since: str | None, now: datetime) -> Tail | Refused:
    """The dates to come from the event `since` on, None = all of them."""
    begins = next((one.at for one in series.occurrences if one.event_id == since), None)
    if since is not None and begins is None:
        return NOT_ITS_EVENT
    concerned = sorted(
        (one for one in series.occurrences if one.at >= (begins or "") and instant_of(series.plan, one) > now),
        key=lambda one: one.at,
    )
    first = next((one for one in concerned if one.live), None)
    if first is None:
        return NOTHING_LEFT
    return Tail(tuple(concerned), begins or "", datetime.fromisoformat(first.at))


def replanned(series: Series, tail: Tail, plan: Mapping[str, Any], now: datetime) -> Dates | Refused:
    """What these new fields of the plan make of the dates; its `starts_at` is the first of theirs."""
    old = series.plan
    retimed = "starts_at" in plan
    asked = plan["starts_at"] if retimed else f"{tail.first.date()}T{old.start.time()}"
    start = datetime.fromisoformat(asked)
    begins = start if retimed or "rule" in plan else tail.first
    length = datetime.fromisoformat(plan["ends_at"]) - begins if "ends_at" in plan else old.length
    if "rule" not in plan and start.date() != tail.first.date():
        return NEEDS_RULE
    anchor = start if "rule" in plan else datetime.combine(old.start.date(), start.time())
    fields = {name: plan[name] for name in ("rule", "timezone", "exdates", "rdates") if name in plan}
    new = replace(old, **fields, starts_at=text_of(anchor), ends_at=text_of(anchor + length))
    others = {one.at for one in series.occurrences if one.live and one not in tail.all}

    def open_to(at: datetime) -> bool:
        return text_of(at) not in others and instant(at, new.timezone) > now

    found = _by_rule(tail, new, open_to) if "rule" in plan else _by_days(tail, old, new, retimed=retimed)
    if isinstance(found, Refused):
        return found
    kept = _apart(found.kept, others)
    if any(instant(at, new.timezone) <= now for at in kept.values()):
        return Refused("starts-in-the-past", "A date moves to where it is still to come.")
    more = [at for at in found.more if at not in kept.values() and open_to(at)]
    if not kept and not more:
        return Refused("no-dates", "No date is left; cancel the series instead.")
    then = replace(found, kept=kept, more=more)
    return then if "rule" in plan else _too_many(then, others) or then


def _too_many(then: Dates, others: Collection[str]) -> Refused | None:
    """Bounds are for what an edit adds. A series goes on by new rules: what was before the last of them is not counted.

    others: live dates that the edit is not about.
    """
    begins = then.plan.start
    before = {at for at in map(datetime.fromisoformat, others) if at >= begins}
    return bounded(begins, {*before, *then.kept.values(), *then.more}) if then.more else None


def _apart(kept: Mapping[str, datetime], others: Collection[str]) -> dict[str, datetime]:
    """Two dates at one time are one: the first to be there stays."""
    found: dict[str, datetime] = {}
    for event_id, at in kept.items():
        if at not in found.values() and text_of(at) not in others:
            found[event_id] = at
    return found


def _by_rule(tail: Tail, new: Plan, open_to: Callable[[datetime], bool]) -> Dates | Refused:
    """All dates are the new rule's, with the days still left out and the dates still to come beside it."""
    rule = parse(new.rule)
    if isinstance(rule, Refused):
        return rule
    plan = replace(new, rdates=tuple(one for one in new.rdates if extra(new, one).date() >= new.start.date()))
    found = walls(plan, rule)
    if isinstance(found, Refused):
        return found
    wanted = [at for at in found if open_to(at)]
    kept = match([(one.event_id, datetime.fromisoformat(one.at)) for one in tail.live], wanted, rule.frequency)
    return Dates(plan, kept, [at for at in wanted if at not in kept.values()])


def _by_days(tail: Tail, old: Plan, new: Plan, *, retimed: bool) -> Dates | Refused:
    """The dates there are, at the new time, but for those that were added to the plan or taken out of it.

    retimed: a new time of day was asked for. It is that of the first date, also where this had a time of its own.
    """
    beside = {text_of(extra(old, one)): one for one in old.rdates}
    times = {old.start.time(), tail.first.time()} if retimed else {old.start.time()}
    kept: dict[str, datetime] = {}
    for one in tail.live:
        at = datetime.fromisoformat(one.at)
        rdate = beside.get(one.at)
        stays = rdate in new.rdates if rdate else at.date().isoformat() not in new.exdates
        own = rdate is not None and "T" in rdate and not (retimed and at == tail.first)
        if stays:
            kept[one.event_id] = datetime.combine(at.date(), new.start.time()) if at.time() in times and not own else at
    more = {extra(new, one) for one in new.rdates if one not in old.rdates}
    back = set(old.exdates) - set(new.exdates)
    if back:
        rule = parse(new.rule)
        by_rule = rule if isinstance(rule, Refused) else dates(rule, new.start, new.timezone)
        if isinstance(by_rule, Refused):
            return by_rule
        more |= {at for at in by_rule if at.date().isoformat() in back and text_of(at) >= tail.begins[:10]}
    follows = beside.get(text_of(tail.first)) if retimed else None
    rdates = dict.fromkeys(one[:10] if one == follows else one for one in new.rdates)
    return Dates(replace(new, rdates=tuple(rdates)), kept, sorted(more))


def match(
    held_on: Sequence[tuple[str, datetime]], wanted: Sequence[datetime], frequency: Frequency
) -> dict[str, datetime]:
    """Which event goes to which wall time: those that are held then, those of the same day, then in order those of the
    same period."""
    found: dict[str, datetime] = {}
    for key in (text_of, datetime.toordinal, lambda at: period(frequency, at.date())):
        free: dict[Any, list[datetime]] = {}
        for at in wanted:
            if at not in found.values():
                free.setdefault(key(at), []).append(at)
        for event_id, at in held_on:
            places = free.get(key(at))
            if event_id not in found and places:
                found[event_id] = places.pop(0)
    return found
