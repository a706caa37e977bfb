"""Who is told that a network event was made for their chapter."""

from collections.abc import Collection
from datetime import datetime

from notifications_service.domain.notice import Cause, Kind, Notice


def of_network_event(
    *,
    title: str,
    starts_at: datetime,
    timezone: str,
    status: str,
    group: str,
    event: str,
    leaders: Collection[str],
    cause: Cause,
) -> list[Notice]:
    """What the copy of a network event tells the chapter's leaders. It says itself what the event is: drafts are on no
    other topic. status: draft or published."""
    facts = {"title": title, "starts_at": starts_at.isoformat(), "timezone": timezone}
    details = {"status": status, "event": facts}
    return [
        Notice(kind=Kind.NETWORK_EVENT, recipient=one, cause=cause, group_id=group, event_id=event, details=details)
        for one in sorted(set(leaders) - {cause.actor})
    ]
