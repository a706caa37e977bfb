"""Who came to events of groups."""

from collections import Counter
from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.events import AttendanceChanged
from groups_service.store.activity import ACTIVITY_ATTENDANCE, attendance_write, came_change
from groups_service.store.growth import ACTIVITY_DAYS, day_write


async def on_attendance(batch: Sequence[Received[AttendanceChanged]], effects: Effects) -> None:
    """Count those who came, for each group and for the day on which the event began. A correction counts for the same
    day as what it corrects."""
    groups: Counter[str] = Counter()
    days: Counter[tuple[str, str]] = Counter()
    for received in batch:
        body = received.body
        if body is None:
            continue
        change = came_change(body)
        groups[body.group_id] += change
        days[body.group_id, body.starts_at_utc.date().isoformat()] += change
    for group_id, change in sorted(groups.items()):
        if change:
            effects.write(ACTIVITY_ATTENDANCE, attendance_write(group_id, change))
    for (group_id, day), change in sorted(days.items()):
        if change:
            effects.write(ACTIVITY_DAYS, day_write(group_id, day, 0, None, attended=change))
