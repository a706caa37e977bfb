"""Who blocks whom."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.groups import BlockChanged
from events_service.store.projection import BLOCKS, block_document


async def on_block(batch: Sequence[Received[BlockChanged]], effects: Effects) -> None:
    """Keep what is so by now of each two members."""
    for received in batch:
        if received.body is not None:
            effects.put(BLOCKS, block_document(received.body, received.sequence))
