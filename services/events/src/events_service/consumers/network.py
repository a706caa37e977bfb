"""Networks, as their own service describes them."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.groups import NetworkState
from events_service.store.network import NETWORKS, network_document
from events_service.store.projection import gone_document


async def on_network(batch: Sequence[Received[NetworkState]], effects: Effects) -> None:
    """Keep the last state of each network."""
    for network_id, received in {received.subject: received for received in batch}.items():
        body = received.body
        effects.put(NETWORKS, gone_document(network_id, received.sequence) if body is None else network_document(body))
