"""Commands about network events, and how they are decided; what each means for the copies they find out themselves.

A network has up to thousands of chapters. Whatever concerns all of them goes round in steps, each of which hands over
the next one in its own transaction: who dies in between has lost nothing, and nothing is done twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.port import Ask, Journal
from chassis.journal.seen import Seen, version_seen
from events_service.domain import chapter as chapters
from events_service.domain import network_event as network_events
from events_service.domain.chapter import Chapter, ChapterLeft, ChapterOptedOut
from events_service.domain.details import AttendeeList, Details, details_of
from events_service.domain.group import OUTSIDER, Group, Membership
from events_service.domain.network import Network
from events_service.domain.network_event import (
    UNKNOWN,
    UNKNOWN_NETWORK,
    NetworkEvent,
    NetworkEventCancelled,
    NetworkEventChanged,
    NetworkEventCreated,
    NetworkEventExtended,
    NetworkEventPublished,
    Reached,
)
from events_service.domain.refusal import Refused
from events_service.handlers.answer import network_event_answer
from events_service.handlers.copied import conform_command, copy_id

CREATE: Final = "network-event.create"
CHANGE: Final = "network-event.change"
PUBLISH: Final = "network-event.publish"
CANCEL: Final = "network-event.cancel"
EXTEND: Final = "network-event.extend"
PLAN: Final = "network-event.plan"
REACH: Final = "network-event.reach"
OPT_OUT: Final = "network-event.opt-out"
THROWN_AWAY: Final = "network-event.thrown-away"
LEAVE: Final = "network-event.leave"


@dataclass(frozen=True, slots=True)
class Round:
    """What a decision about a network event needs, and what came of it.

    chapters: those of a step, or the one that it is about, by group; groups: the same as they are now, and while copies
    are planned the next ones of the network, chapters or not; after: the last of a step, where there may be others
    beyond it.
    """

    network_event: NetworkEvent | None
    network: Network | None
    chapters: Mapping[str, Chapter] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    after: str | None = None
    membership: Membership = OUTSIDER


async def create(
    journal: Journal, ask: Ask, network_id: str, *, details: Details, listed: AttendeeList | None, publish: bool
) -> Result:
    """Make a network event, whose chapters get their copies then."""
    body = {"network_id": network_id, "details": asdict(details), "listed": listed, "publish": publish}
    asked = ask(name=CREATE, aggregate="", body=body)
    return await journal.run(replace(asked, aggregate=derived_id("network-event", asked.id)))


async def change(
    journal: Journal, ask: Ask, network_event_id: str, *, version: Seen, changes: Mapping[str, Any]
) -> Result:
    """Edit the network event as the caller saw it at `version`."""
    body = {"version": version, "changes": dict(changes)}
    return await journal.run(ask(name=CHANGE, aggregate=network_event_id, body=body))


async def act(journal: Journal, ask: Ask, network_event_id: str, name: str) -> Result:
    """Publish, extend or cancel; `name` is the command's."""
    return await journal.run(ask(name=name, aggregate=network_event_id, body={}))


async def opt_out(journal: Journal, ask: Ask, network_event_id: str, group_id: str) -> Result:
    """Have the chapter out of it."""
    return await journal.run(ask(name=OPT_OUT, aggregate=network_event_id, body={"group_id": group_id}))


def leave_command(ask: Ask, network_event_id: str, group_id: str) -> Command:
    """The group has left the network."""
    return ask(name=LEAVE, aggregate=network_event_id, body={"group_id": group_id})


def reach_command(ask: Ask, network_event_id: str) -> Command:
    """All copies shall look again."""
    return ask(name=REACH, aggregate=network_event_id, body=_from_the_first(anew=False))


def _from_the_first(*, anew: bool) -> dict[str, Any]:
    """anew: as in `chapters.reach`."""
    return {"after": "", "anew": anew}


def version_of(found: Round, command: Command) -> int:
    """What there is, 0 for nothing."""
    return 0 if found.network_event is None else found.network_event.version


def decide_create(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    if found.network is None:
        return refused(found, UNKNOWN_NETWORK)
    body = command.body
    facts = network_events.create(
        command.aggregate,
        command.actor or "",
        details_of(body["details"]),
        network=found.network,
        listed=body["listed"],
        publish=body["publish"],
        now=now,
    )
    return replace(outcome(found, facts, now), created=not isinstance(facts, Refused))


def decide_change(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    if found.network_event is None or found.network is None:
        return refused(found, UNKNOWN)
    body = command.body
    facts = network_events.change(
        found.network_event,
        command.actor or "",
        network=found.network,
        version=version_seen(body["version"], found.network_event.version),
        changes={name: tuple(one) if isinstance(one, list) else one for name, one in body["changes"].items()},
        now=now,
    )
    return outcome(found, facts, now)


def decide_publish(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    if found.network_event is None or found.network is None:
        return refused(found, UNKNOWN)
    by = command.actor or ""
    return outcome(found, network_events.publish(found.network_event, by, network=found.network, now=now), now)


def decide_extend(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    if found.network_event is None or found.network is None:
        return refused(found, UNKNOWN)
    by = command.actor or ""
    return outcome(found, network_events.extend(found.network_event, by, network=found.network, now=now), now)


def decide_cancel(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    if found.network_event is None or found.network is None:
        return refused(found, UNKNOWN)
    by = command.actor or ""
    return outcome(found, network_events.cancel(found.network_event, by, network=found.network, now=now), now)


def decide_plan(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    """The next of the network's chapters are considered."""
    if found.network_event is None:
        return Outcome(found)
    id_of = partial(copy_id, command.aggregate)
    groups = [(group, found.chapters.get(group_id)) for group_id, group in found.groups.items()]
    return outcome(found, chapters.plan(found.network_event, groups, id_of=id_of, after=found.after, now=now), now)


def decide_reach(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    """The next of its chapters are reached."""
    if found.network_event is None:
        return Outcome(found)
    concerned = [(one, found.groups.get(group_id)) for group_id, one in found.chapters.items()]
    anew = command.body["anew"]
    return outcome(found, chapters.reach(found.network_event, concerned, anew=anew, after=found.after, now=now), now)


def decide_opt_out(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    """The answer is what the chapter is to the network event by now."""
    if found.network_event is None or found.network is None:
        return refused(found, UNKNOWN)
    chapter, by = found.chapters.get(command.body["group_id"]), command.actor or ""
    facts = chapters.opt_out(found.network_event, by, chapter, network=found.network, membership=found.membership)
    decided = outcome(found, facts, now)
    if chapter is None or decided.refused is not None:
        return decided
    state = decided.state.chapters[chapter.group_id].state
    answer = {"network_event_id": command.aggregate, "group_id": chapter.group_id, "state": state}
    return replace(decided, answer=answer)


def decide_thrown_away(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    """The event's own decision has been made already, by somebody who may make it."""
    if found.network_event is None:
        return Outcome(found)
    chapter = found.chapters.get(command.body["group_id"])
    return outcome(found, chapters.thrown_away(command.actor or "", chapter), now)


def decide_leave(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    if found.network_event is None:
        return Outcome(found)
    group_id = command.body["group_id"]
    chapter, group = found.chapters.get(group_id), found.groups.get(group_id)
    return outcome(found, chapters.leave(found.network_event, chapter, group), now)


def outcome(
    found: Round, facts: Sequence[network_events.Fact | chapters.Fact] | Refused, now: datetime
) -> Outcome[Round]:
    """What the facts leave."""
    if isinstance(facts, Refused):
        return refused(found, facts)
    after, parts = found.network_event, dict(found.chapters)
    for fact in facts:
        if isinstance(fact, chapters.Fact):
            parts[fact.group_id] = chapters.evolve(parts.get(fact.group_id), fact)
        else:
            after = network_events.evolve(after, fact, now)
    if after is None:
        return refused(found, UNKNOWN)
    return Outcome(replace(found, network_event=after, chapters=parts), tuple(facts), network_event_answer(after))


def follow(command: Command, facts: Sequence[Any]) -> Iterator[Command]:
    """What a decision means for others: the next step, and the copies that are to look at it."""
    for fact in facts:
        match fact:
            case NetworkEventCreated() | NetworkEventExtended():
                yield command.child(PLAN, command.aggregate, {"after": ""}, first=True)
            case NetworkEventChanged() | NetworkEventPublished():
                yield command.child(REACH, command.aggregate, _from_the_first(anew=True), first=True)
            case NetworkEventCancelled():
                yield command.child(REACH, command.aggregate, _from_the_first(anew=False), first=True)
            case Reached(group_ids=group_ids, after=after):
                yield from (conform_command(command, command.aggregate, group_id) for group_id in group_ids)
                if after is not None:
                    yield command.child(command.name, command.aggregate, {**command.body, "after": after}, first=True)
            case ChapterOptedOut(group_id=group_id) | ChapterLeft(group_id=group_id) if command.name != REACH:
                yield conform_command(command, command.aggregate, group_id)
