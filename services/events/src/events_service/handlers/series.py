"""Commands about series, and how they are decided; what each means for the dates is handed over to them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.followed import Decided, run_followed
from chassis.journal.port import Ask, Journal
from chassis.journal.seen import Seen, version_seen
from events_service.domain import replanning, series
from events_service.domain.acts import NEVER_PUBLISHED
from events_service.domain.details import Details, details_of
from events_service.domain.event import Part
from events_service.domain.group import Group, Membership
from events_service.domain.occurrence import Order
from events_service.domain.plan import Plan, plan_of
from events_service.domain.refusal import Refused
from events_service.domain.series import (
    UNKNOWN,
    Fact,
    Fell,
    Occurrence,
    Planned,
    Returned,
    Series,
    SeriesCancelled,
    SeriesChanged,
    SeriesPublished,
    evolve,
)
from events_service.handlers.answer import series_answer
from events_service.handlers.event import PUBLISH as PUBLISH_EVENT
from events_service.handlers.occurrence import FALL, OCCUR, order_body

CREATE: Final = "series.create"
CHANGE: Final = "series.change"
PUBLISH: Final = "series.publish"
CANCEL: Final = "series.cancel"
LEAVE_OUT: Final = "series.leave-out"


@dataclass(frozen=True, slots=True)
class Course:
    """What a decision about a series needs, and what came of it. series: None before its creation; membership: of
    whoever acts."""

    series: Series | None
    group: Group | None
    membership: Membership


async def create(
    journal: Journal, ask: Ask, decided: Decided, group_id: str, *, plan: Plan, details: Details, publish: bool
) -> Result:
    """Make a series of drafts, or of events that are open to people at once."""
    body = {"group_id": group_id, "plan": asdict(plan), "details": asdict(details), "publish": publish}
    asked = ask(name=CREATE, aggregate="", body=body)
    return await _with_dates(journal, decided, replace(asked, aggregate=derived_id("series", asked.id)))


async def change(
    journal: Journal,
    ask: Ask,
    decided: Decided,
    series_id: str,
    *,
    since: str | None,
    version: Seen,
    plan: Mapping[str, Any],
    changes: Mapping[str, Any],
) -> Result:
    """Edit the dates from the event `since` on, as the caller saw the series at `version`."""
    body = {"since": since, "version": version, "plan": dict(plan), "changes": dict(changes)}
    return await _with_dates(journal, decided, ask(name=CHANGE, aggregate=series_id, body=body))


async def act(journal: Journal, ask: Ask, decided: Decided, series_id: str, name: str) -> Result:
    """Publish or cancel; `name` is the command's."""
    return await _with_dates(journal, decided, ask(name=name, aggregate=series_id, body={}))


async def _with_dates(journal: Journal, decided: Decided, command: Command) -> Result:
    """The series' decision, answered when its dates have made theirs: callers go on with them."""
    result, position = await run_followed(journal, decided, command)
    return replace(result, position=tuple(position))


def edit_of(command: Command) -> str:
    """What tells the edit that a command makes from all others."""
    return derived_id("edit", command.id)


def _id_of(series_id: str, number: int) -> str:
    return derived_id("event", series_id, str(number))


def version_of(course: Course, command: Command) -> int:
    """What there is, 0 for nothing."""
    return 0 if course.series is None else course.series.version


def decide_create(course: Course, command: Command, now: datetime) -> Outcome[Course]:
    if course.group is None:
        return Outcome(course, refused="unknown-group", detail="There is no such group.")
    body, by = command.body, command.actor or ""
    facts = series.create(
        command.aggregate,
        by,
        plan_of(body["plan"]),
        details_of(body["details"]),
        id_of=partial(_id_of, command.aggregate),
        group=course.group,
        membership=course.membership,
        now=now,
    )
    if isinstance(facts, list) and body["publish"]:
        facts.append(series.SeriesPublished(command.aggregate, by))
    return replace(outcome(course, command, facts, now), created=not isinstance(facts, Refused))


def decide_change(course: Course, command: Command, now: datetime) -> Outcome[Course]:
    if course.series is None or course.group is None:
        return refused(course, UNKNOWN)
    body = command.body
    facts = replanning.change(
        course.series,
        command.actor or "",
        since=body["since"],
        version=version_seen(body["version"], course.series.version),
        plan=_tuples(body["plan"]),
        changes=_tuples(body["changes"]),
        edit_id=edit_of(command),
        id_of=partial(_id_of, command.aggregate),
        group=course.group,
        membership=course.membership,
        now=now,
    )
    return outcome(course, command, facts, now)


def decide_publish(course: Course, command: Command, now: datetime) -> Outcome[Course]:
    if course.series is None or course.group is None:
        return refused(course, UNKNOWN)
    facts = series.publish(course.series, command.actor or "", group=course.group, membership=course.membership)
    return outcome(course, command, facts, now)


def decide_cancel(course: Course, command: Command, now: datetime) -> Outcome[Course]:
    """A series of drafts is for its leaders; a cancelled one everybody may read. Its drafts are deleted one by one."""
    if course.series is None:
        return refused(course, UNKNOWN)
    by, edit_id = command.actor or "", edit_of(command)
    facts = series.cancel(course.series, by, edit_id=edit_id, membership=course.membership, now=now)
    if course.series.status == "draft" and not isinstance(facts, Refused):
        facts = NEVER_PUBLISHED
    return outcome(course, command, facts, now)


def decide_leave_out(course: Course, command: Command, now: datetime) -> Outcome[Course]:
    """The date's own decision has been made already."""
    if course.series is None:
        return Outcome(course)
    by, edit_id = command.actor or "", edit_of(command)
    facts = replanning.leave_out(course.series, by, command.body["event_id"], edit_id=edit_id, now=now)
    return outcome(course, command, facts, now)


def outcome(course: Course, command: Command, facts: Sequence[Fact] | Refused, now: datetime) -> Outcome[Course]:
    """What the facts leave, and which commands follow from them."""
    if isinstance(facts, Refused):
        return refused(course, facts)
    after = course.series
    for fact in facts:
        after = evolve(after, fact, now)
    if after is None:
        return refused(course, UNKNOWN)
    follows = [child.id for child in follow(command, after, facts)]
    return Outcome(replace(course, series=after), tuple(facts), {**series_answer(after), "follows": follows})


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def follow(command: Command, series: Series, facts: Sequence[Fact]) -> Iterator[Command]:
    """What a decision means for the dates, to be handed over to the events that they are."""
    edit = next((fact.edit for fact in facts if isinstance(fact, SeriesChanged | SeriesCancelled)), None)
    changed = next((tuple(fact.changes) for fact in facts if isinstance(fact, SeriesChanged)), ())
    concerned: set[str] = set()
    for fact in facts:
        match fact:
            case SeriesChanged(touched=touched):
                concerned.update(touched)
            case Planned(event_id=event_id) | Returned(event_id=event_id):
                concerned.add(event_id)
            case Fell(event_id=event_id):
                yield command.child(FALL, event_id, {"edit": edit})
            case SeriesCancelled(late=late):
                yield from (command.child(FALL, event_id, {"edit": edit, "late": True}) for event_id in late)
            case SeriesPublished() if command.name == PUBLISH:
                yield from (command.child(PUBLISH_EVENT, one.event_id, {}) for one in series.occurrences if one.live)
    for one in series.occurrences:
        if one.event_id in concerned:
            yield command.child(OCCUR, one.event_id, order_body(_order(series, one, changed, edit)))


def _order(series: Series, one: Occurrence, changed: tuple[str, ...], edit: dict[str, Any] | None) -> Order:
    return Order(
        series.group_id,
        Part(series.id, one.first_at),
        series.details_at(one.at),
        changed,
        publish=series.status == "published",
        edit=edit,
    )
