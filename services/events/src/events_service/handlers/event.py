"""Commands about events, and how they are decided."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.port import Ask, Journal
from chassis.journal.seen import Seen, version_seen
from events_service.domain import acts, door
from events_service.domain import event as events
from events_service.domain.copied import Wish
from events_service.domain.desk import Desk
from events_service.domain.details import Details, details_of
from events_service.domain.event import Event
from events_service.domain.following import follow
from events_service.domain.group import OUTSIDER, Group, Membership
from events_service.domain.hosting import reseat
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.person import Person
from events_service.domain.place import online_seats
from events_service.domain.publicity import publish
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Change, Rsvp
from events_service.domain.rsvp import Fact as RsvpFact
from events_service.domain.seating import rearranged, seating
from events_service.handlers.answer import event_answer

CREATE: Final = "event.create"
PUBLISH: Final = "event.publish"
ANNOUNCE: Final = "event.announce"
CHANGE: Final = "event.change"
CANCEL: Final = "event.cancel"
DELETE: Final = "event.delete"
HOST: Final = "event.host"
UNHOST: Final = "event.unhost"
OPEN_RSVPS: Final = "event.open-rsvps"
CLOSE_RSVPS: Final = "event.close-rsvps"


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a decision about an event needs, and what came of it.

    event: None before its creation; membership: of whoever acts; rsvp_of, person_of: as for RSVPs; wish: what a network
    event wants of it.
    """

    event: Event | None
    ledger: Ledger
    group: Group | None
    membership: Membership
    rsvp_of: Callable[[str], Rsvp | None]
    person_of: Callable[[str], Person | None]
    wish: Wish | None = None


async def create(journal: Journal, ask: Ask, group_id: str, details: Details) -> Result:
    """Make a draft of the group's."""
    asked = ask(name=CREATE, aggregate="", body={"group_id": group_id, "details": asdict(details)})
    return await journal.run(replace(asked, aggregate=derived_id("event", asked.id)))


async def change(journal: Journal, ask: Ask, event_id: str, *, version: Seen, changes: Mapping[str, Any]) -> Result:
    """Edit the event as the caller saw it at `version`."""
    body = {"version": version, "changes": dict(changes)}
    return await journal.run(ask(name=CHANGE, aggregate=event_id, body=body))


async def act(journal: Journal, ask: Ask, event_id: str, name: str) -> Result:
    """Publish, announce, cancel, delete, open or close RSVPs; `name` is the command's."""
    return await journal.run(ask(name=name, aggregate=event_id, body={}))


async def host(journal: Journal, ask: Ask, event_id: str, member_id: str, *, hosting: bool) -> Result:
    """Make somebody a host of the event, or no host any more."""
    name = HOST if hosting else UNHOST
    return await journal.run(ask(name=name, aggregate=event_id, body={"member_id": member_id}))


def version_of(agenda: Agenda, command: Command) -> int:
    """What there is, 0 for nothing."""
    return 0 if agenda.event is None else agenda.event.version


def decide_create(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    if agenda.group is None:
        return Outcome(agenda, refused="unknown-group", detail="There is no such group.")
    details = details_of(command.body["details"])
    facts = acts.create(
        command.aggregate,
        command.actor or "",
        details,
        group=agenda.group,
        membership=agenda.membership,
        now=now,
    )
    return replace(outcome(agenda, facts, now), created=not isinstance(facts, Refused))


def decide_publish(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    return _act(agenda, command, now, acts.publish)


def decide_announce(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    return _act(agenda, command, now, acts.announce)


def decide_cancel(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    return _act(agenda, command, now, acts.cancel)


def decide_delete(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    return _act(agenda, command, now, acts.delete)


def decide_open_rsvps(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    return _act(agenda, command, now, door.open_rsvps)


def decide_close_rsvps(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    return _act(agenda, command, now, door.close_rsvps)


class Act(Protocol):
    """A rule about an event as it is."""

    def __call__(
        self, event: Event, by: str, *, group: Group, membership: Membership, now: datetime
    ) -> list[events.Fact] | Refused: ...


def _act(agenda: Agenda, command: Command, now: datetime, act: Act) -> Outcome[Agenda]:
    event, group = agenda.event, agenda.group
    if event is None or group is None:
        return refused(agenda, acts.UNKNOWN)
    facts = act(event, command.actor or "", group=group, membership=agenda.membership, now=now)
    return outcome(agenda, facts, now)


def decide_change(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    event, group = agenda.event, agenda.group
    if event is None or group is None:
        return refused(agenda, acts.UNKNOWN)
    body = command.body
    facts = acts.change(
        event,
        command.actor or "",
        group=group,
        membership=agenda.membership,
        version=version_seen(body["version"], event.version),
        changes=_tuples(body["changes"]),
        now=now,
    )
    return applied(agenda, facts, now)


def decide_host(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    event, group = agenda.event, agenda.group
    if event is None or group is None:
        return refused(agenda, acts.UNKNOWN)
    facts = acts.host(
        event,
        command.actor or "",
        member_id=command.body["member_id"],
        hosting=command.name == HOST,
        group=group,
        membership=agenda.membership,
        now=now,
    )
    return applied(agenda, facts, now)


def applied(agenda: Agenda, facts: Sequence[events.Fact] | Refused, now: datetime) -> Outcome[Agenda]:
    """An edit, and what it means for seats: a raised capacity and hosts who leave theirs drain the line."""
    event = agenda.event
    if isinstance(facts, Refused) or not facts or event is None:
        return outcome(agenda, facts, now)
    after = events.evolve(event, facts[0], now)
    ledger = rearranged(event, after, agenda.ledger)
    if isinstance(ledger, Refused):
        return refused(agenda, ledger)
    moved = _seats(agenda, event, after, ledger, now)
    if isinstance(moved, Refused):
        return refused(agenda, moved)
    return outcome(replace(agenda, ledger=evolve(ledger, moved)), [*facts, *moved], now)


def _may_free(before: Event, after: Event) -> bool:
    """Whether the edit could let somebody in line have a seat. While an event is off, seats are given up that nobody
    gets."""
    one, other = before.details, after.details
    moved = (before.times.starts, before.status) != (after.times.starts, after.status)
    seats = (one.capacity, online_seats(one.place)) != (other.capacity, online_seats(other.place))
    return moved or seats or (one.hosts, one.promotion) != (other.hosts, other.promotion)


def _seats(agenda: Agenda, before: Event, after: Event, ledger: Ledger, now: datetime) -> list[RsvpFact] | Refused:
    """Who gives up a seat or gets one by the edit, with what the public learns of it."""
    terms = after.terms()
    reseated: list[Change] | Refused = []
    if set(before.details.hosts) != set(after.details.hosts):
        reseated = reseat(terms, ledger, before.details.hosts, agenda.rsvp_of)
    if isinstance(reseated, Refused) or agenda.group is None:
        return reseated if isinstance(reseated, Refused) else []
    facts: list[RsvpFact] = [*reseated]
    seated = evolve(ledger, facts)
    desk = Desk(terms, seated, agenda.group, OUTSIDER, None, None, agenda.rsvp_of)
    if after.status == "published" and _may_free(before, after):
        for side in seated.each():
            facts += follow(desk, evolve(ledger, facts).facing(side.room), now)
    changes = [fact for fact in facts if isinstance(fact, Change)]
    public = publish(terms, agenda.group, ledger, changes, rsvp_of=agenda.rsvp_of, person_of=agenda.person_of, now=now)
    return [*facts, *public]


def outcome(agenda: Agenda, facts: Sequence[Any] | Refused, now: datetime) -> Outcome[Agenda]:
    """What the facts, of whatever came of the event and its RSVPs, leave."""
    if isinstance(facts, Refused):
        return refused(agenda, facts)
    event = agenda.event
    for fact in facts:
        if isinstance(fact, events.Fact):
            event = events.evolve(event, fact, now)
    if event is None:
        return refused(agenda, acts.UNKNOWN)
    ledger = seating(event, agenda.ledger).watched(now)
    after = replace(agenda, event=event, ledger=ledger)
    return Outcome(after, tuple(facts), event_answer(event, ledger, now, link=True))


def _tuples(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}
