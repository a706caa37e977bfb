"""Editing a series from one of its dates on: which dates stay, move, fall off, come back or are new.

What happened stays: dates that have begun, and those before the one that the edit begins with. RSVPs belong to a date,
so a date moves only to where its people would look for it: within its own day, or week, month or year of the new rule.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from events_service.domain.acts import NO_NEW_EVENTS, TOLD
from events_service.domain.details import asked_otherwise, news, with_changes
from events_service.domain.group import Group, Membership
from events_service.domain.plan import Plan, extra, held, text_of, walls
from events_service.domain.recurrence import Frequency, dates, parse, period
from events_service.domain.refusal import Refused
from events_service.domain.schedule import instant
from events_service.domain.series import (
    Fact,
    Fell,
    IdOf,
    Moved,
    Occurrence,
    Planned,
    Returned,
    Series,
    SeriesChanged,
    instant_of,
    shut,
)

EVER: Final = 1_000
"""Dates that a series may have had, with those that fell off."""

NOT_ITS_EVENT: Final = Refused("unknown-event", "This series has no such event.")
NEEDS_RULE: Final = Refused(
    "series-needs-rule", "The dates move to other days by a new rule; without one only their time of day moves."
)
NOTHING_LEFT: Final = Refused("event-past", "No date is left that could change.")


@dataclass(frozen=True, slots=True)
class _Dates:
    """What becomes of the dates concerned. kept: wall times by event; more: others, in order."""

    plan: Plan
    kept: dict[str, datetime]
    more: list[datetime]


@dataclass(frozen=True, slots=True)
class _Tail:
    """The dates concerned, those that fell off included. begins: the wall time they begin with, as text; first: that of
    the first that counts."""

    all: tuple[Occurrence, ...]
    begins: str
    first: datetime

    @property
    def live(self) -> list[Occurrence]:
        return [one for one in self.all if one.live]


def change(
    series: Series,
    by: str,
    *,
    since: str | None,
    version: int,
    plan: Mapping[str, Any],
    changes: Mapping[str, Any],
    edit_id: str,
    id_of: IdOf,
    group: Group,
    membership: Membership,
    now: datetime,
) -> list[Fact] | Refused:
    """Edit the dates from the event `since` on, None = all that are to come, as the series was at `version`.

    plan: new fields of the `Plan`; its `starts_at` is the first of the dates concerned. changes: fields of `Details`
    beside its times. edit_id: tells this edit from others; id_of: the id of the series' n-th event, from 1.
    """
    refused = shut(series, group, membership)
    if refused is None and version != series.version:
        refused = Refused("stale-version", f"The series is at version {series.version} by now.")
    if refused is not None:
        return refused
    tail = _tail(series, since, now)
    if tail is NOTHING_LEFT and _as_it_is(series, plan, changes):
        return []
    found = tail if isinstance(tail, Refused) else _replanned(series, tail, plan, now)
    if isinstance(tail, Refused) or isinstance(found, Refused):
        return tail if isinstance(tail, Refused) else found  # type: ignore[return-value]  # one of them is refused
    changed = news(series.details, changes)
    moves = [*_old(tail, found), *_new(series, tail, found, id_of)]
    if not changed and not moves and found.plan == series.plan:
        return []
    refused = asked_otherwise(series.details, changed, series.status)
    refused = refused or held(found.plan, with_changes(series.details, changed), [*found.kept.values(), *found.more])
    new = sum(isinstance(one, Planned) for one in moves)
    if new and group.status == "frozen":
        refused = NO_NEW_EVENTS
    if len(series.occurrences) + new > EVER:
        refused = Refused("too-many-dates", f"A series has had at most {EVER} dates; make a new one.")
    edit = {"id": edit_id, "at": now.isoformat()}
    late = _late(series, tail, now) if changed else ()
    return refused or [_edited(series, by, found, changed, moves, late=late, edit=edit), *moves]


def _as_it_is(series: Series, plan: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Whether all that is wished is so already: asked once, it may have called off the date that it begins with."""
    return not news(series.details, changes) and replace(series.plan, **plan) == series.plan


def _late(series: Series, tail: _Tail, now: datetime) -> tuple[str, ...]:
    """The events whose planned time is over. Any of them may have been moved alone to what is still to come: each asks
    its own start."""
    found = (one for one in series.occurrences if one.live and one.at >= tail.begins)
    return tuple(one.event_id for one in found if instant_of(series.plan, one) <= now)


def _edited(
    series: Series,
    by: str,
    found: _Dates,
    changed: dict[str, Any],
    moves: Sequence[Fact],
    *,
    late: tuple[str, ...],
    edit: dict[str, Any],
) -> SeriesChanged:
    """The edit as a whole, and what people are told of it."""
    zone = found.plan.timezone != series.plan.timezone
    length = found.plan.length != series.plan.length
    moved = [one.event_id for one in moves if isinstance(one, Moved)]
    told = {name for name in TOLD if name in changed}
    told |= {"starts_at", "ends_at"} if moved or zone else {"ends_at"} if length else set()
    fell, back = (sum(isinstance(one, kind) for one in moves) for kind in (Fell, Returned))
    edit = {**edit, "kind": "changed", "changed": [name for name in TOLD if name in told], "fell": fell, "back": back}
    touched = found.kept if changed or zone or length else moved
    return SeriesChanged(series.id, by, asdict(found.plan), changed, (*late, *touched), edit)


def _tail(series: Series, since: str | None, now: datetime) -> _Tail | Refused:
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
    return _Tail(tuple(concerned), begins or "", datetime.fromisoformat(first.at))


def _replanned(series: Series, tail: _Tail, plan: Mapping[str, Any], now: datetime) -> _Dates | Refused:
    old = series.plan
    start = datetime.fromisoformat(plan["starts_at"]) if "starts_at" in plan else None
    if start is None and "rule" not in plan:
        start = datetime.combine(tail.first.date(), old.start.time())
    start = start or tail.first
    length = datetime.fromisoformat(plan["ends_at"]) - start if "ends_at" in plan else old.length
    if "rule" not in plan and start.date() != tail.first.date():
        return NEEDS_RULE
    anchor = start if "rule" in plan else datetime.combine(old.start.date(), start.time())
    fields = {name: plan[name] for name in ("rule", "timezone", "exdates", "rdates") if name in plan}
    new = replace(old, **fields, starts_at=text_of(anchor), ends_at=text_of(anchor + length))
    others = {one.at for one in series.occurrences if one.live and one not in tail.all}

    def open_to(at: datetime) -> bool:
        return text_of(at) not in others and instant(at, new.timezone) > now

    found = _by_rule(tail, new, open_to) if "rule" in plan else _by_days(tail, old, new)
    if isinstance(found, Refused):
        return found
    kept = _apart(found.kept, others)
    if any(instant(at, new.timezone) <= now for at in kept.values()):
        return Refused("starts-in-the-past", "A date moves to where it is still to come.")
    more = [at for at in found.more if at not in kept.values() and open_to(at)]
    if not kept and not more:
        return Refused("no-dates", "No date is left; cancel the series instead.")
    return replace(found, kept=kept, more=more)


def _apart(kept: Mapping[str, datetime], others: Collection[str]) -> dict[str, datetime]:
    """Two dates at one time are one: the first to be there stays."""
    found: dict[str, datetime] = {}
    for event_id, at in kept.items():
        if at not in found.values() and text_of(at) not in others:
            found[event_id] = at
    return found


def _by_rule(tail: _Tail, new: Plan, open_to: Callable[[datetime], bool]) -> _Dates | Refused:
    """All dates are the new rule's, with the days still left out and the dates still to come beside it."""
    rule = parse(new.rule)
    if isinstance(rule, Refused):
        return rule
    plan = replace(new, rdates=tuple(one for one in new.rdates if extra(new, one) >= new.start))
    found = walls(plan, rule)
    if isinstance(found, Refused):
        return found
    wanted = [at for at in found if open_to(at)]
    kept = match([(one.event_id, datetime.fromisoformat(one.at)) for one in tail.live], wanted, rule.frequency)
    return _Dates(plan, kept, [at for at in wanted if at not in kept.values()])


def _by_days(tail: _Tail, old: Plan, new: Plan) -> _Dates | Refused:
    """The dates there are, at the new time, but for those that were added to the plan or taken out of it."""
    beside = {text_of(extra(old, one)): one for one in old.rdates}
    kept: dict[str, datetime] = {}
    for one in tail.live:
        at = datetime.fromisoformat(one.at)
        rdate = beside.get(one.at)
        stays = rdate in new.rdates if rdate else at.date().isoformat() not in new.exdates
        if stays:
            retimed = at.time() == old.start.time() and not (rdate and "T" in rdate)
            kept[one.event_id] = datetime.combine(at.date(), new.start.time()) if retimed else at
    more = {extra(new, one) for one in new.rdates if one not in old.rdates}
    back = set(old.exdates) - set(new.exdates)
    if back:
        rule = parse(new.rule)
        by_rule = rule if isinstance(rule, Refused) else dates(rule, new.start, new.timezone)
        if isinstance(by_rule, Refused):
            return by_rule
        more |= {at for at in by_rule if at.date().isoformat() in back and text_of(at) >= tail.begins[:10]}
    return _Dates(new, kept, sorted(more))


def match(
    held_on: Sequence[tuple[str, datetime]], wanted: Sequence[datetime], frequency: Frequency
) -> dict[str, datetime]:
    """Which event goes to which wall time: those of the same day first, then in order those of the same period."""
    found: dict[str, datetime] = {}
    for key in (date.toordinal, lambda day: period(frequency, day)):
        free: dict[Any, list[datetime]] = {}
        for at in wanted:
            if at not in found.values():
                free.setdefault(key(at.date()), []).append(at)
        for event_id, at in held_on:
            places = free.get(key(at.date()))
            if event_id not in found and places:
                found[event_id] = places.pop(0)
    return found


def _old(tail: _Tail, found: _Dates) -> list[Fact]:
    facts: list[Fact] = []
    for one in tail.live:
        at = found.kept.get(one.event_id)
        if at is None:
            facts.append(Fell(one.event_id))
        elif text_of(at) != one.at:
            facts.append(Moved(one.event_id, text_of(at)))
    return facts


def _new(series: Series, tail: _Tail, found: _Dates, id_of: IdOf) -> list[Fact]:
    """Dates that fell off come back to their day; others are new, each with a name of its own for ever."""
    fallen = {datetime.fromisoformat(one.at).date(): one.event_id for one in tail.all if not one.live}
    names = {one.first_at for one in series.occurrences}
    facts: list[Fact] = []
    number = len(series.occurrences)
    for at in found.more:
        back = fallen.pop(at.date(), None)
        if back is not None:
            facts.append(Returned(back, text_of(at)))
            continue
        number += 1
        name = instant(at, found.plan.timezone)
        while name in names:
            name += timedelta(seconds=1)
        names.add(name)
        facts.append(Planned(id_of(number), text_of(at), name))
    return facts


def leave_out(series: Series, by: str, event_id: str, *, edit_id: str, now: datetime) -> list[Fact]:
    """The draft of one date was thrown away, or the date was called off with the others although the series could not
    know that it was still to come: it is none of the series any more."""
    one = next((one for one in series.occurrences if one.event_id == event_id and one.live), None)
    if one is None:
        return []
    plan, day = series.plan, one.at[:10]
    beside = [rdate for rdate in plan.rdates if text_of(extra(plan, rdate)) == one.at]
    new = replace(plan, rdates=tuple(rdate for rdate in plan.rdates if rdate not in beside))
    if not beside:
        new = replace(plan, exdates=tuple(dict.fromkeys((*plan.exdates, day))))
    if series.status == "cancelled":
        new = plan
    edit = {"id": edit_id, "at": now.isoformat(), "kind": "changed", "changed": [], "fell": 1}
    return [SeriesChanged(series.id, by, asdict(new), {}, (), edit), Fell(event_id)]
