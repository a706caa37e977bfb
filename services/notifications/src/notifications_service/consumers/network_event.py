"""events.network-event.v1: a chapter has its copy of a network event, and its leaders hear of it."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.events import NetworkEventMade
from notifications_service.consumers.cause import cause_of
from notifications_service.domain.network_event import of_network_event
from notifications_service.domain.notice import Notice
from notifications_service.store.notice import tell
from notifications_service.store.people import People
from notifications_service.store.projection import GROUPS, MEMBERSHIPS


async def on_network_events(messages: Sequence[Received[NetworkEventMade]], effects: Effects) -> None:
    leaders = await _leaders({message.body.group_id for message in messages if message.body is not None}, effects)
    notices: list[Notice] = []
    for message in messages:
        made = message.body
        if made is None:
            continue
        notices += of_network_event(
            title=made.title,
            starts_at=made.starts_at_utc,
            timezone=made.timezone,
            status=made.status,
            group=made.group_id,
            event=made.event_id,
            leaders=leaders.get(made.group_id, set()),
            cause=cause_of(message),
        )
    await tell(notices, People(effects))


async def _leaders(groups: set[str], effects: Effects) -> dict[str, set[str]]:
    """Who may edit events, and whom the group itself names as its organizer: that membership may not be known yet."""
    found: dict[str, set[str]] = {}
    theirs = {"group_id": {"$in": sorted(groups)}}
    leading = await effects.find(MEMBERSHIPS, {**theirs, "leads": True})
    leading += await effects.find(MEMBERSHIPS, {**theirs, "role": "event_organizer", "state": "active"})
    for membership in leading:
        found.setdefault(membership["group_id"], set()).add(membership["member_id"])
    for group in await effects.find(GROUPS, {"_id": theirs["group_id"]}, fields={"organizer_id": 1}):
        if group.get("organizer_id"):
            found.setdefault(group["_id"], set()).add(group["organizer_id"])
    return found
