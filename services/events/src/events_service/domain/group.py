"""What events know of groups and of people in them: projections of what the groups service says."""

from typing import Final, Literal

from chassis.frozen import frozen
from events_service.domain.permission import HOSTING, Action, Role, allows

MembershipStatus = Literal["none", "pending", "active", "left", "removed", "banned"]

PUT_OUT: Final[frozenset[MembershipStatus]] = frozenset({"removed", "banned"})


@frozen
class Group:
    """A group as its last message described it. `number` is the id that public streams show."""

    id: str
    number: int
    urlname: str
    name: str
    topics: tuple[str, ...]
    city: str
    country: str
    state: str | None
    lat: float
    lon: float
    visibility: Literal["public", "private"]
    join_mode: Literal["open", "approval", "closed"]
    status: Literal["active", "grace", "frozen", "closed"]
    organizer_id: str | None
    timezone: str = "UTC"
    network_id: str | None = None


@frozen
class Membership:
    """One person's standing in one group; `version` counts its changes, 0 = there never was one."""

    state: MembershipStatus = "none"
    role: Role = "member"
    version: int = 0

    @property
    def active(self) -> bool:
        return self.state == "active"

    @property
    def put_out(self) -> bool:
        return self.state in PUT_OUT

    def may(self, action: Action) -> bool:
        return self.state == "active" and allows(self.role, action)


OUTSIDER: Final = Membership()


def standing(group: Group, member_id: str, known: Membership | None) -> Membership:
    """The person's membership. The group itself names its organizer, whose membership may not have arrived yet."""
    found = known or OUTSIDER
    if member_id == group.organizer_id and (found.role != "organizer" or not found.active):
        return Membership("active", "organizer", found.version)
    return found


def may(membership: Membership, hosting: bool, action: Action) -> bool:
    """Whether somebody may do it with an event, by their role in its group or as its host.

    A host need not be in the group, but whoever was put out of it hosts nothing there any more.
    """
    return (hosting and action in HOSTING and not membership.put_out) or membership.may(action)
