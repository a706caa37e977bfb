"""Feedback on events of groups."""

from collections import Counter
from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.events import FeedbackFact
from groups_service.store.rating import ACTIVITY_RATINGS, rating_change, ratings_write


async def on_feedback(batch: Sequence[Received[FeedbackFact]], effects: Effects) -> None:
    """Count the stars of each group's events; what is changed or withdrawn takes its own out again."""
    changes: dict[str, Counter[int]] = {}
    for received in batch:
        if received.body is not None:
            changes.setdefault(received.body.group_id, Counter()).update(rating_change(received.body))
    for group_id, change in sorted(changes.items()):
        if any(change.values()):
            effects.write(ACTIVITY_RATINGS, ratings_write(group_id, change))
