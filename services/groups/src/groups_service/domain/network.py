"""A network of groups: who runs it, and which groups it welcomes as its chapters."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from groups_service.domain.chapter import ELSEWHERE, Affiliation
from groups_service.domain.membership import CLOSED
from groups_service.domain.refusal import Refused

Reason = Literal["owned", "sponsored"]

MOST_CHAPTERS: Final = 2_000
"""Groups that a network welcomes, those counted that have not answered yet."""


@dataclass(frozen=True, slots=True)
class Network:
    """`version` counts edits; chapters coming and going do not move it.

    dormant_after: days; welcomes: how many groups it welcomes.
    """

    id: str
    name: str
    reason: Reason
    admins: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    dormant_after: int = 90
    welcomes: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class NetworkCreated:
    """Whoever creates it is its first admin."""

    network_id: str
    by: str
    name: str
    reason: Reason
    dormant_after: int


@dataclass(frozen=True, slots=True)
class NetworkChanged:
    """changes: the new values of name, reason, admins and dormant_after, of those that changed."""

    network_id: str
    by: str
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The network's yes to a group."""

    network_id: str
    by: str
    group_id: str


@dataclass(frozen=True, slots=True)
class PutOut:
    """The network's no. welcomed: it had said yes; else it turns down what the group asks."""

    network_id: str
    by: str
    group_id: str
    welcomed: bool


@dataclass(frozen=True, slots=True)
class WelcomeEnded:
    """The group has left, or declined. by: its leader."""

    network_id: str
    by: str
    group_id: str


@dataclass(frozen=True, slots=True)
class AdminForgotten:
    """An admin is forgotten; the last one too, and then nobody runs the network."""

    network_id: str
    member_id: str


Fact = NetworkCreated | NetworkChanged | Welcomed | PutOut | WelcomeEnded | AdminForgotten

NO_NETWORK = Refused("network-not-found", "There is no such network.")
ADMINS_ONLY = Refused("not-an-admin", "Only the network's admins may do this.")
NOT_ASKED = Refused("not-asked", "This group does not ask to be in the network.")


@dataclass(frozen=True, slots=True)
class Prospect:
    """A group as a network's decision sees it. Its own part of the decision it decides itself.

    closed: for good; leads: whoever decides may choose its network; welcome: the network has said yes to it.
    """

    group_id: str
    affiliation: Affiliation = field(default_factory=Affiliation)
    closed: bool = False
    leads: bool = False
    welcome: bool = False

    def chapter_of(self, network: Network) -> bool:
        return self.affiliation.network_id == network.id

    def asks(self, network: Network) -> bool:
        return network.id in self.affiliation.asked


def create(network_id: str, by: str, *, name: str, reason: Reason, dormant_after: int) -> list[Fact]:
    return [NetworkCreated(network_id, by, name, reason, dormant_after)]


def change(
    network: Network, by: str, *, version: int, changes: dict[str, Any], strangers: Sequence[str]
) -> list[Fact] | Refused:
    """Edit the network as it was at `version`; its admins only. Values that are already so change nothing.

    strangers: those of the wanted admins whom nobody knows.
    """
    if by not in network.admins:
        return ADMINS_ONLY
    if version != network.version:
        return Refused("stale-version", f"The network is at version {network.version} by now.")
    new = {name: value for name, value in changes.items() if getattr(network, name) != value}
    if not new.get("admins", network.admins):
        return Refused("admin-needed", "A network has an admin at least.")
    if "admins" in new and strangers:
        return Refused("member-not-found", "Somebody among the admins is not known here.")
    return [NetworkChanged(network.id, by, new)] if new else []


def welcome(network: Network, by: str, prospect: Prospect) -> list[Fact] | Refused:
    """Invite a group; to one that asks this is the answer. Doing it twice changes nothing."""
    if by not in network.admins:
        return ADMINS_ONLY
    if prospect.closed:
        return CLOSED
    if prospect.affiliation.network_id not in (None, network.id):
        return ELSEWHERE
    if prospect.welcome or prospect.chapter_of(network):
        return []
    if network.welcomes >= MOST_CHAPTERS:
        return Refused("network-full", f"A network has {MOST_CHAPTERS} chapters at most, those invited counted.")
    return [Welcomed(network.id, by, prospect.group_id)]


def accept(network: Network, by: str, prospect: Prospect) -> list[Fact] | Refused:
    """Say yes to a group that asks. Saying it to a chapter changes nothing. Who leads the group too says the group's
    yes, where the network has said its own."""
    if by not in network.admins:
        return ADMINS_ONLY
    answers = prospect.welcome and prospect.leads
    if not (prospect.asks(network) or prospect.chapter_of(network) or answers):
        return NOT_ASKED
    return welcome(network, by, prospect)


def put_out(network: Network, by: str, prospect: Prospect) -> list[Fact] | Refused:
    """Have the group no more, take its invitation back, or turn down what it asks. Twice changes nothing."""
    if by not in network.admins:
        return ADMINS_ONLY
    if not (prospect.welcome or prospect.chapter_of(network) or prospect.asks(network)):
        return []
    return [PutOut(network.id, by, prospect.group_id, prospect.welcome)]


def release(network: Network, by: str, prospect: Prospect) -> list[Fact]:
    """The group has left or declined: the welcome is used up, unless the group has come back by it since."""
    if not prospect.welcome or prospect.chapter_of(network):
        return []
    return [WelcomeEnded(network.id, by, prospect.group_id)]


def forget(network: Network, member_id: str) -> list[Fact]:
    """Who is forgotten runs nothing any more, whoever is left to."""
    return [AdminForgotten(network.id, member_id)] if member_id in network.admins else []


def evolve(network: Network | None, fact: Fact, now: datetime) -> Network:
    """The network after the fact."""
    if isinstance(fact, NetworkCreated):
        return Network(
            id=fact.network_id,
            name=fact.name,
            reason=fact.reason,
            admins=(fact.by,),
            created_at=now,
            updated_at=now,
            dormant_after=fact.dormant_after,
        )
    if network is None:
        raise ValueError("a network's first fact is its creation")
    match fact:
        case NetworkChanged(_, _, changes):
            return replace(network, **changes, version=network.version + 1, updated_at=now)
        case AdminForgotten(_, member_id):
            admins = tuple(one for one in network.admins if one != member_id)
            return replace(network, admins=admins, version=network.version + 1, updated_at=now)
        case Welcomed():
            return replace(network, welcomes=network.welcomes + 1)
        case PutOut(_, _, _, welcomed):
            return replace(network, welcomes=network.welcomes - int(welcomed))
        case WelcomeEnded():
            return replace(network, welcomes=network.welcomes - 1)
