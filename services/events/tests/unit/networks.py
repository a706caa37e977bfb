"""A network event, its chapters and their copies, decided one after another; what the tests of their rules share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from chassis.journal import Command
from events_service.domain import acts, chapter, network_event
from events_service.domain import event as events
from events_service.domain.chapter import Chapter, details_for
from events_service.domain.copied import Wish
from events_service.domain.details import Details
from events_service.domain.event import Event
from events_service.domain.group import OUTSIDER, Group, Membership
from events_service.domain.ledger import Ledger
from events_service.domain.network import Network
from events_service.domain.network_event import LAST_ZONE, NetworkEvent
from events_service.domain.refusal import Refused
from events_service.handlers.copied import CONFORM, copy_id, decide_conform
from events_service.handlers.event import Agenda

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NETWORK = Network("n", "Python in 130 cities", ("ada",))
LEADER = Membership("active", "event_organizer", 1)
DETAILS = Details(
    "Tea", "2026-12-08T18:30:00", "2026-12-08T21:00:00", LAST_ZONE, "everyone", rsvp_closes_at="PT2H", capacity=10
)


def group(group_id: str = "g", timezone: str = "Europe/Berlin", **changes: Any) -> Group:
    found = Group(group_id, 1, "g", "G", (), "Here", "de", None, 52.5, 13.4, "public", "open", "active", "olga")
    return replace(found, timezone=timezone, network_id="n", **changes)


def made(*, publish: bool = True, details: Details = DETAILS, now: datetime = NOW) -> NetworkEvent:
    facts = network_event.create("x", "ada", details, network=NETWORK, listed=None, publish=publish, now=now)
    assert not isinstance(facts, Refused), facts
    return network_event.evolve(None, facts[0], now)


@dataclass
class World:
    """One chapter of a network event. `look`: its copy looks at what is wanted of it."""

    group: Group
    network_event: NetworkEvent
    part: Chapter | None = None
    event: Event | None = None
    ledger: Ledger = field(default_factory=lambda: Ledger(capacity=None))
    thrown_away: bool = False
    now: datetime = NOW

    def plan(self) -> list[Any]:
        """The facts that it comes to."""
        both = [(self.group, self.part)]
        facts: list[Any] = chapter.plan(self.network_event, both, id_of=self._id, after=None, now=self.now)
        self._step(facts)
        return facts

    def reach(self, *, anew: bool = True) -> None:
        assert self.part is not None
        both = [(self.part, self.group)]
        self._step(chapter.reach(self.network_event, both, anew=anew, after=None, now=self.now))

    def _step(self, facts: list[Any]) -> None:
        for fact in facts:
            if isinstance(fact, chapter.Fact):
                self.part = chapter.evolve(self.part, fact)
            else:
                self.network_event = network_event.evolve(self.network_event, fact, self.now)

    def edit(self, **changes: Any) -> Refused | None:
        """The network event."""
        found = self.network_event
        facts = network_event.change(
            found, "ada", network=NETWORK, version=found.version, changes=changes, now=self.now
        )
        return self._of_template(facts)

    def publish(self) -> Refused | None:
        return self._of_template(network_event.publish(self.network_event, "ada", network=NETWORK, now=self.now))

    def extend(self) -> Refused | None:
        return self._of_template(network_event.extend(self.network_event, "ada", network=NETWORK, now=self.now))

    def cancel(self) -> Refused | None:
        return self._of_template(network_event.cancel(self.network_event, "ada", network=NETWORK, now=self.now))

    def _of_template(self, facts: Any) -> Refused | None:
        if isinstance(facts, Refused):
            return facts
        for fact in facts:
            self.network_event = network_event.evolve(self.network_event, fact, self.now)
        return None

    def opt_out(self, by: str = "ada", membership: Membership = OUTSIDER) -> Refused | None:
        facts = chapter.opt_out(self.network_event, by, self.part, network=NETWORK, membership=membership)
        if isinstance(facts, Refused):
            return facts
        self._step(list(facts))
        return None

    def leave(self) -> None:
        self.group = replace(self.group, network_id=None)
        self._step(list(chapter.leave(self.network_event, self.part, self.group)))

    def patch(self, changes: Mapping[str, Any]) -> Refused | None:
        """The chapter's leader edits the copy."""
        assert self.event is not None
        facts = acts.change(
            self.event,
            "olga",
            group=self.group,
            membership=LEADER,
            version=self.event.version,
            changes=changes,
            now=self.now,
        )
        if isinstance(facts, Refused):
            return facts
        for fact in facts:
            self.event = events.evolve(self.event, fact, self.now)
        return None

    def is_now(self) -> tuple[str | None, str | None]:
        """What became of the chapter, and why."""
        return (None, None) if self.part is None else (self.part.state, self.part.reason)

    def left(self) -> tuple[str, ...] | None:
        """The fields that the copy could not take over; None where it is none."""
        return None if self.event is None or self.event.origin is None else self.event.origin.left

    def look(self) -> list[Any]:
        """The facts that it comes to."""
        assert self.part is not None
        wanted = details_for(self.network_event, self.part.timezone, self.part.attendee_list)
        found = self.network_event
        wish = Wish("x", "n", found.version, found.status, self.part.state, wanted, self.thrown_away)
        agenda = Agenda(self.event, self.ledger, self.group, OUTSIDER, lambda _: None, lambda _: None, wish)
        command = Command("c", CONFORM, self._id(self.group.id), {}, actor="ada")
        outcome = decide_conform(agenda, command, self.now)
        assert outcome.refused is None, outcome.detail
        if outcome.facts:
            self.event = outcome.state.event
        if any(isinstance(fact, events.Deleted) for fact in outcome.facts):
            self.event, self.thrown_away = None, True
        return list(outcome.facts)

    def _id(self, group_id: str) -> str:
        return copy_id("x", group_id)


def copied(
    *, publish: bool = True, timezone: str = "Europe/Berlin", details: Details = DETAILS, **changes: Any
) -> World:
    """A chapter with its copy."""
    world = World(group(timezone=timezone, **changes), made(publish=publish, details=details))
    world.plan()
    world.look()
    return world


def reason(found: object) -> str:
    assert isinstance(found, Refused), found
    return found.reason
