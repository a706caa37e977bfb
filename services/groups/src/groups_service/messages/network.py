"""What happened to networks, in the words that other services read."""

from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told
from contracts.groups import NetworkState
from groups_service.domain.network import AdminForgotten, Network, NetworkChanged, NetworkCreated
from groups_service.handlers.network import Sphere, follow

_NETWORK: Final = "convene.groups.network"


def tell_network(command: Command, outcome: Outcome[Sphere], now: datetime) -> Told:
    """The network's state when it is new or changed; the group that was welcomed or put out does its part."""
    network = outcome.state.network
    kinds = {type(fact) for fact in outcome.facts}
    said = "created" if NetworkCreated in kinds else "changed" if kinds & {NetworkChanged, AdminForgotten} else None
    messages = [] if said is None or network is None else [_outgoing(network, said)]
    return Told(messages=messages, children=follow(command, outcome))


def network_state(network: Network) -> NetworkState:
    return NetworkState(
        network_id=network.id,
        name=network.name,
        reason=network.reason,
        admins=list(network.admins),
        dormant_after=network.dormant_after,
        version=network.version,
        created_at=network.created_at,
        updated_at=network.updated_at,
    )


def _outgoing(network: Network, said: str) -> Outgoing:
    return Outgoing(
        topic=NetworkState.topic,
        type=f"{_NETWORK}.{said}.v1",
        subject=network.id,
        key=network.id,
        partition=network.id,
        value=network_state(network).model_dump_json(),
    )
