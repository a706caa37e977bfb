"""Editing a series from one of its dates on: which dates stay, move, fall off, come back or are new.

What happened stays: dates that have begun, and those before the one that the edit begins with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Final

from events_service.domain.acts import NO_NEW_EVENTS, TOLD
from events_service.domain.details import asked_otherwise, news, with_changes
from events_service.domain.group import Group, Membership
from events_service.domain.plan import extra, held, text_of
from events_service.domain.refusal import Refused
from events_service.domain.schedule import instant
from events_service.domain.series import (
    Fact,
    Fell,
    IdOf,
    Moved,
    Planned,
    Returned,
    Series,
    SeriesChanged,
    instant_of,
    shut,
)
from events_service.domain.tail import NOTHING_LEFT, Dates, Tail, replanned, tail_of

EVER: Final = 1_000
"""Dates that a series may have had, with those that fell off."""


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
    tail = tail_of(series, since, now)
    if tail is NOTHING_LEFT and _as_it_is(series, plan, changes):
        return []
    found = tail if isinstance(tail, Refused) else replanned(series, tail, plan, now)
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


def _late(series: Series, tail: Tail, now: datetime) -> tuple[str, ...]:
    """The events whose planned time is over. Any of them may have been moved alone to what is still to come: each asks
    its own start."""
    found = (one for one in series.occurrences if one.live and one.at >= tail.begins)
    return tuple(one.event_id for one in found if instant_of(series.plan, one) <= now)


def _edited(
    series: Series,
    by: str,
    found: Dates,
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


def _old(tail: Tail, found: Dates) -> list[Fact]:
    facts: list[Fact] = []
    for one in tail.live:
        at = found.kept.get(one.event_id)
        if at is None:
            facts.append(Fell(one.event_id))
        elif text_of(at) != one.at:
            facts.append(Moved(one.event_id, text_of(at)))
    return facts


def _new(series: Series, tail: Tail, found: Dates, id_of: IdOf) -> list[Fact]:
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
