"""Leaders open and close RSVPs by hand (behaviour 9.4)."""

from datetime import datetime

from events_service.domain.acts import shut, unfit
from events_service.domain.event import Event, Fact
from events_service.domain.group import Group, Membership
from events_service.domain.refusal import Refused
from events_service.domain.window import RsvpsClosed, RsvpsOpened, is_open


def open_rsvps(event: Event, by: str, *, group: Group, membership: Membership, now: datetime) -> list[Fact] | Refused:
    """Take RSVPs from now on. Where they are open already it changes nothing."""
    refused = _refused(event, by, group, membership, now)
    return refused or ([] if is_open(event.window, now) else [RsvpsOpened(event.id, by)])


def close_rsvps(event: Event, by: str, *, group: Group, membership: Membership, now: datetime) -> list[Fact] | Refused:
    """Take none from now on, whatever the event says. Where they are over already it changes nothing."""
    refused = _refused(event, by, group, membership, now)
    return refused or ([] if now >= event.window.closes else [RsvpsClosed(event.id, by)])


def _refused(event: Event, by: str, group: Group, membership: Membership, now: datetime) -> Refused | None:
    refused = unfit(event, by, membership, now) or shut(group)
    if refused is None and event.status == "draft":
        return Refused("not-published", "Publish the event before you open or close its RSVPs.")
    return refused
