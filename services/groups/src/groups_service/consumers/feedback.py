"""Feedback on events of groups."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.events import FeedbackFact
from groups_service.store.rating import (
    ACTIVITY_EVENT_RATINGS,
    ACTIVITY_RATINGS,
    event_ratings_write,
    rating_change,
    ratings_write,
)


async def on_feedback(batch: Sequence[Received[FeedbackFact]], effects: Effects) -> None:
    """Count the stars of each event and of each group; what is changed or withdrawn takes its own out again."""
    groups: dict[str, Counter[int]] = defaultdict(Counter)
    events: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for received in batch:
        body = received.body
        if body is not None:
            change = rating_change(body)
            groups[body.group_id].update(change)
            events[body.event_id, body.group_id].update(change)
    for group_id, change in sorted(groups.items()):
        if any(change.values()):
            effects.write(ACTIVITY_RATINGS, ratings_write(group_id, change))
    for (event_id, group_id), change in sorted(events.items()):
        if any(change.values()):
            effects.write(ACTIVITY_EVENT_RATINGS, event_ratings_write(event_id, group_id, change))
