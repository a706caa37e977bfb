"""Networks in the database: `networks`, by network id; `welcomes`, by `<network id>:<group id>`: the network's yes to a
group, there for as long as it stands. Both belong to the network's lane; what a group says is in the group's document.

A decision on one side sees the other as its snapshot has it. That is enough: whoever takes a yes back also tells the
other side, which then decides again (domain/chapter.py).
"""

from collections.abc import Iterable
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Document
from groups_service.domain.network import Network, Prospect, PutOut, Welcomed, WelcomeEnded
from groups_service.domain.permission import Action
from groups_service.handlers.network import Sphere
from groups_service.store.group import GROUPS, affiliation_of
from groups_service.store.member import MEMBERS
from groups_service.store.membership import membership_of, membership_ref

NETWORKS = "networks"
WELCOMES = "welcomes"


def welcome_ref(network_id: str, group_id: str) -> Ref:
    return Ref(WELCOMES, f"{network_id}:{group_id}")


class NetworkStore:
    """Reads, loads and saves a network with what its decisions see of a group, or of the members it wants as admins."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        yield Ref(NETWORKS, command.aggregate)
        for member_id in _wanted(command):
            yield Ref(MEMBERS, member_id)
        group_id = command.body.get("group_id")
        if group_id is not None:
            yield Ref(GROUPS, group_id)
            yield membership_ref(group_id, command.actor or "")
            yield welcome_ref(command.aggregate, group_id)

    def load(self, command: Command, documents: Documents) -> Sphere:
        found = documents.get(NETWORKS, command.aggregate)
        network = None if found is None else network_of(found)
        strangers = tuple(one for one in _wanted(command) if _stranger(documents.get(MEMBERS, one)))
        return Sphere(network, _prospect(command, documents), strangers)

    def save(self, command: Command, documents: Documents, outcome: Outcome[Sphere], now: datetime) -> None:
        network = outcome.state.network
        if network is None:
            raise ValueError("facts about a network leave a network")
        before = documents.get(NETWORKS, command.aggregate) or {}
        documents.put(NETWORKS, {**before, **document_of(network)})
        for fact in outcome.facts:
            match fact:
                case Welcomed(network_id, by, group_id):
                    id_ = welcome_ref(network_id, group_id).id
                    welcome = {"_id": id_, "v": 1, "network_id": network_id, "group_id": group_id, "by": by, "at": now}
                    documents.put(WELCOMES, welcome)
                case PutOut(network_id, _, group_id) | WelcomeEnded(network_id, _, group_id):
                    documents.delete(WELCOMES, welcome_ref(network_id, group_id).id)


def document_of(network: Network) -> Document:
    return {
        "_id": network.id,
        "v": 1,
        "name": network.name,
        "reason": network.reason,
        "admins": list(network.admins),
        "dormant_after": network.dormant_after,
        "welcomes": network.welcomes,
        "version": network.version,
        "created_at": network.created_at,
        "updated_at": network.updated_at,
    }


def network_of(document: Document) -> Network:
    return Network(
        id=document["_id"],
        name=document["name"],
        reason=document["reason"],
        admins=tuple(document["admins"]),
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        dormant_after=document["dormant_after"],
        welcomes=document["welcomes"],
        version=document["version"],
    )


def _wanted(command: Command) -> list[str]:
    return list(command.body.get("changes", {}).get("admins", ()))


def _stranger(member: Document | None) -> bool:
    """Also who is forgotten."""
    return member is None or bool(member.get("erased"))


def _prospect(command: Command, documents: Documents) -> Prospect | None:
    group_id = command.body.get("group_id")
    found = None if group_id is None else documents.get(GROUPS, group_id)
    if group_id is None or found is None:
        return None
    mine = membership_ref(group_id, command.actor or "")
    membership = documents.get(mine.collection, mine.id)
    welcome = welcome_ref(command.aggregate, group_id)
    return Prospect(
        group_id,
        affiliation_of(found),
        closed=found["status"] == "closed",
        leads=membership is not None and membership_of(membership).may(Action.CHOOSE_NETWORK),
        welcome=documents.get(welcome.collection, welcome.id) is not None,
    )
