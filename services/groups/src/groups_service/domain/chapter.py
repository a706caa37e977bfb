"""Chapters: groups in a network. A group becomes one when both have said yes, and is in one network at most.

Each side keeps its own yes. The network's is a welcome; the group's is an ask, or a leader who says it there and then.
Which network a group is in is the group's to know: two networks can never have it at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from groups_service.domain.membership import CLOSED, NOT_ALLOWED, Membership
from groups_service.domain.permission import Action
from groups_service.domain.refusal import Refused

MOST_ASKED: Final = 10
"""Networks that a group asks at the same time."""

Standing = Literal["none", "invited", "asked", "chapter"]
"""What a group is to a network. Invited: welcome, and not in it."""


@dataclass(frozen=True, slots=True)
class Affiliation:
    """The network a group is in, since when, and which ones it asks to be in."""

    network_id: str | None = None
    since: datetime | None = None
    asked: tuple[str, ...] = ()

    def standing(self, network_id: str, *, welcome: bool) -> Standing:
        """What the group is to this network, which welcomes it or not."""
        if self.network_id == network_id:
            return "chapter"
        if network_id in self.asked:
            return "asked"
        return "invited" if welcome else "none"


@dataclass(frozen=True, slots=True)
class AskedNetwork:
    """A leader asks a network to have the group."""

    group_id: str
    by: str
    network_id: str


@dataclass(frozen=True, slots=True)
class AskEnded:
    """Taken back by a leader, or turned down by the network."""

    group_id: str
    by: str
    network_id: str


@dataclass(frozen=True, slots=True)
class NetworkJoined:
    """Both have said yes. Whatever else the group asked is over."""

    group_id: str
    by: str
    network_id: str


@dataclass(frozen=True, slots=True)
class NetworkLeft:
    """by: a leader of the group, an admin of the network, or None when the group closed by itself."""

    group_id: str
    by: str | None
    network_id: str


@dataclass(frozen=True, slots=True)
class NetworkDeclined:
    """A leader wants nothing of the network's welcome. The group is as it was."""

    group_id: str
    by: str
    network_id: str


Fact = AskedNetwork | AskEnded | NetworkJoined | NetworkLeft | NetworkDeclined

ELSEWHERE = Refused("in-another-network", "This group is in another network: it would have to leave that first.")
NOT_INVITED = Refused("not-invited", "The network has not invited this group.")


@dataclass(frozen=True, slots=True)
class Side:
    """What the group's side of a decision rests on.

    actor: the membership of who decides; closed: the group is, for good; welcome: the network has said yes.
    """

    affiliation: Affiliation
    actor: Membership
    network_id: str
    closed: bool
    welcome: bool

    @property
    def leads(self) -> bool:
        return self.actor.may(Action.CHOOSE_NETWORK)


def ask(side: Side) -> list[Fact] | Refused:
    """Ask to be in the network; where it has invited the group already, this is the answer. Twice changes nothing."""
    if not side.leads:
        return NOT_ALLOWED
    refused = _kept_out(side)
    if refused is not None:
        return refused
    if side.welcome or side.affiliation.network_id == side.network_id:
        return _join(side)
    if side.network_id in side.affiliation.asked:
        return []
    if len(side.affiliation.asked) >= MOST_ASKED:
        return Refused("too-many-asked", "The group asks enough networks already.")
    return [AskedNetwork(side.actor.group_id, side.actor.member_id, side.network_id)]


def accept(side: Side) -> list[Fact] | Refused:
    """Take the network's invitation. Twice changes nothing."""
    if not side.leads:
        return NOT_ALLOWED
    refused = _kept_out(side)
    if refused is not None:
        return refused
    if not side.welcome and side.affiliation.network_id != side.network_id:
        return NOT_INVITED
    return _join(side)


def enter(side: Side) -> list[Fact] | Refused:
    """What the network's yes means for a group that has said its own. The actor is an admin of the network.

    Whoever has changed their mind meanwhile is not brought in: the group stays invited, or what it is.
    """
    refused = _kept_out(side)
    if refused is not None:
        return refused
    wanted = side.leads or side.network_id in side.affiliation.asked
    return _join(side) if side.welcome and wanted else []


def leave(side: Side) -> list[Fact] | Refused:
    """Leave the network, take an ask back, or decline an invitation; also a closed group may."""
    if not side.leads:
        return NOT_ALLOWED
    facts = _end(side)
    if not facts and side.welcome:
        return [NetworkDeclined(side.actor.group_id, side.actor.member_id, side.network_id)]
    return facts


def closing(group_id: str, affiliation: Affiliation, by: str | None) -> list[NetworkLeft]:
    """What closing for good means for the network that the group is in."""
    return [] if affiliation.network_id is None else [NetworkLeft(group_id, by, affiliation.network_id)]


def put_out(side: Side) -> list[Fact]:
    """What it means for the group that the network welcomes it no more. The actor is an admin of the network.

    A welcome given anew since stands.
    """
    return [] if side.welcome else _end(side)


def _kept_out(side: Side) -> Refused | None:
    if side.closed:
        return CLOSED
    return ELSEWHERE if side.affiliation.network_id not in (None, side.network_id) else None


def _join(side: Side) -> list[Fact]:
    if side.affiliation.network_id == side.network_id:
        return []
    return [NetworkJoined(side.actor.group_id, side.actor.member_id, side.network_id)]


def _end(side: Side) -> list[Fact]:
    group_id, by = side.actor.group_id, side.actor.member_id
    if side.affiliation.network_id == side.network_id:
        return [NetworkLeft(group_id, by, side.network_id)]
    return [AskEnded(group_id, by, side.network_id)] if side.network_id in side.affiliation.asked else []


def evolve(affiliation: Affiliation, fact: Fact, now: datetime) -> Affiliation:
    """The affiliation after the fact."""
    match fact:
        case AskedNetwork(_, _, network_id):
            return replace(affiliation, asked=(*affiliation.asked, network_id))
        case AskEnded(_, _, network_id):
            return replace(affiliation, asked=tuple(one for one in affiliation.asked if one != network_id))
        case NetworkJoined(_, _, network_id):
            return Affiliation(network_id, now)
        case NetworkLeft():
            return replace(affiliation, network_id=None, since=None)
        case NetworkDeclined():
            return affiliation
