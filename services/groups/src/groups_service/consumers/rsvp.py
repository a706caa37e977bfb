"""RSVPs to events of groups."""

from collections import Counter
from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.events import RsvpChanged
from groups_service.store.activity import ACTIVITY_RSVPS, rsvps_write, yes_change


async def on_rsvp(batch: Sequence[Received[RsvpChanged]], effects: Effects) -> None:
    """Count those that stand at yes, for each group."""
    changes: Counter[str] = Counter()
    for received in batch:
        if received.body is not None:
            changes[received.body.group_id] += yes_change(received.body)
    for group_id, change in sorted(changes.items()):
        if change:
            effects.write(ACTIVITY_RSVPS, rsvps_write(group_id, change))
