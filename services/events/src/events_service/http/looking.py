"""Who looks at an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from chassis.http import MaybeMe, Problem, known, repeats
from chassis.http.ports import TheDatabase
from chassis.journal.port import Ask
from chassis.mongo import Database, Document
from events_service.domain.group import OUTSIDER, Membership, may, standing
from events_service.domain.permission import Action
from events_service.domain.place import Side
from events_service.store.projection import group_of, membership_of
from events_service.views import event as events
from events_service.views import group as groups
from events_service.views import rsvp as rsvps
from events_service.views import waitlist as people


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody looking at an event; `member_id` None when anonymous, `rsvp` None when they have not answered."""

    event: Document
    group: Document
    member_id: str | None
    membership: Membership
    rsvp: Document | None

    def may(self, action: Action) -> bool:
        return may(self.membership, self.member_id in self.event["hosts"], action)

    @property
    def inside(self) -> bool:
        """Whether they may see more than title and time."""
        return self.group["visibility"] == "public" or self.may(Action.SEE_INSIDE)

    @property
    def side(self) -> Side | None:
        """Where they have a place or a turn, or asked for one, of an event with two sides."""
        return None if self.rsvp is None or self.rsvp["status"] == "no" else events.side(self.event, self.rsvp)

    @property
    def has_place(self) -> bool:
        """Whether they may see what is written to those who come: who has a place, and who looks after the event. An
        RSVP to an event that has begun outlasts that its group puts somebody out, to whom it gives nothing any more."""
        comes = self.rsvp is not None and self.rsvp["status"] == "yes" and not self.membership.put_out
        return comes or self.may(Action.EDIT_EVENTS)

    @property
    def meets_online(self) -> bool:
        """Whether they may see where to meet online: who has a place there, and who looks after the event."""
        return self.has_place and (self.may(Action.EDIT_EVENTS) or self.side != "physical")


async def looking(event_id: str, caller: MaybeMe, database: TheDatabase) -> Looking:
    """The event that the path names, with who looks. Raises Problem 404, also for what is concealed from them."""
    event = await events.one(database, event_id)
    if event is None:
        raise _unknown()
    group = await known(lambda: groups.one(database, event["group_id"]), what="group")
    if caller is None:
        found = Looking(event, group, None, OUTSIDER, None)
    else:
        membership = await membership_in(database, group, caller.member_id)
        rsvp = await rsvps.one(database, event_id, caller.member_id)
        found = Looking(event, group, caller.member_id, membership, rsvp)
    if events.concealed(event) and not found.may(Action.EDIT_EVENTS):
        raise _unknown()
    return found


TheEvent = Annotated[Looking, Depends(looking)]


async def looking_at(database: Database, member_id: str, found: Sequence[tuple[Document, Document]]) -> list[Looking]:
    """A member looking at events, each with their RSVP; those of groups that are gone are left out."""
    ids = {event["group_id"] for event, _ in found}
    there = await groups.some(database, ids)
    held = await groups.memberships(database, ids, member_id)
    stand = {
        group_id: standing(group_of(group), member_id, membership_of(held.get(group_id)))
        for group_id, group in there.items()
    }
    return [
        Looking(event, there[event["group_id"]], member_id, stand[event["group_id"]], rsvp)
        for event, rsvp in found
        if event["group_id"] in there
    ]


async def membership_in(database: Database, group: Document, member_id: str) -> Membership:
    """Somebody's standing in a group."""
    held = await groups.membership(database, group["_id"], member_id)
    return standing(group_of(group), member_id, membership_of(held))


async def somebody(database: Database, event_id: str, member_id: str, ask: Ask) -> None:
    """Whom a wish is about is somebody. Raises Problem 404, but to a repeat: it hears what it heard, also when they
    were forgotten meanwhile."""

    async def found() -> object | None:
        return await people.known_to(database, event_id, member_id) or await repeats(database, ask) or None

    await known(found, what="member")


def _unknown() -> Problem:
    return Problem(404, "unknown-event", "There is no such event")


def members_only() -> Problem:
    return Problem(403, "members-only", "Only members may see this", "This group is private.")
