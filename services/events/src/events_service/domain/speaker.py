"""Who writes about an event, and how they stand to those whom it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from events_service.domain import acts
from events_service.domain.event import Event
from events_service.domain.group import Group, Membership, may
from events_service.domain.permission import Action
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Status

MEMBERS_ONLY: Final = Refused("members-only", "This is for members of the group, and for who has a stake in the event.")
NOT_PUBLISHED: Final = Refused("not-published", "The event is not published.")
GROUP_CLOSED: Final = Refused("group-closed", "This group is closed.")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who writes, and how they stand to the event and to the others whom the writing concerns.

    rsvp: how theirs stands, if they have answered. present: of those mentioned, of who made the event or hosts it, and
    of whom a reply answers, the active members; out: of the same, who was removed or banned. apart: between whom and
    the speaker there is a block, whoever made it.
    """

    id: str
    event: Event
    group: Group
    membership: Membership
    rsvp: Status | None = None
    present: frozenset[str] = field(default_factory=frozenset)
    apart: frozenset[str] = field(default_factory=frozenset)
    out: frozenset[str] = field(default_factory=frozenset)

    def may(self, action: Action) -> bool:
        return may(self.membership, self.id in self.event.details.hosts, action)

    def kept_out(self) -> Refused | None:
        """Why they may not write here, if so: nobody does who is neither in the group nor has a stake in the event, nor
        whoever was put out of the group. To ask for a place is no stake yet."""
        refused = self.unheard()
        if refused is not None:
            return refused
        if self.event.status == "cancelled":
            return acts.CANCELLED
        inside = self.group.visibility == "public" or self.may(Action.SEE_INSIDE)
        takes_part = self.may(Action.SEE_INSIDE) or self.rsvp not in (None, "no", "requested")
        return None if inside and takes_part and not self.membership.put_out else MEMBERS_ONLY

    def unheard(self) -> Refused | None:
        """Why nothing is said about the event, whoever says it."""
        if self.event.status == "draft":
            return NOT_PUBLISHED if self.may(Action.EDIT_EVENTS) else acts.UNKNOWN
        return GROUP_CLOSED if self.group.status == "closed" else None

    def mentions(self, named: Sequence[str]) -> tuple[str, ...]:
        """Who of those named is a member; whoever is blocked too, for the speaker is not told of blocks."""
        return tuple(one for one in named if one in self.present)

    def reaches(self, member_id: str) -> bool:
        """Whether somebody who wrote here before may still read what is said here."""
        inside = self.group.visibility == "public" or member_id in self.event.details.hosts
        return member_id in self.present or (inside and member_id not in self.out)

    def tells(self, concerned: Sequence[str]) -> tuple[str, ...]:
        """Whom of those it is told."""
        return tuple(one for one in concerned if one != self.id and one not in self.apart)
