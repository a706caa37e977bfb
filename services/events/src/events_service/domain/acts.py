"""The acts of an event's leaders and hosts: create, publish, announce, change, cancel."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from events_service.domain.details import Details, asked_otherwise, news, times, with_changes
from events_service.domain.event import Announced, Cancelled, Changed, Created, Deleted, Event, Fact, Published
from events_service.domain.group import Group, Membership, may
from events_service.domain.permission import Action
from events_service.domain.place import Place
from events_service.domain.refusal import Refused

MAX_HOSTS: Final = 5

TOLD: Final = ("title", "starts_at", "ends_at", "place", "capacity", "attendee_list")
"""The fields whose change people are told about; a new zone shows as `starts_at` and `ends_at`."""

UNKNOWN = Refused("unknown-event", "There is no such event.")
NOT_ALLOWED = Refused("not-allowed", "Your role in this group does not allow this.")
CANCELLED = Refused("event-cancelled", "This event was cancelled.")
PAST = Refused("event-past", "This event is over.")
NO_NEW_EVENTS = Refused("group-not-active", "This group cannot have new events.")
NOT_A_DRAFT = Refused("not-a-draft", "Only drafts can be deleted; what was published can be cancelled.")
NEVER_PUBLISHED = Refused("not-published", "Only what was published can be cancelled; drafts can be deleted.")
TOO_MANY_HOSTS = Refused("too-many-hosts", "An event has at most 5 hosts.")
GROUP_CLOSED = Refused("group-closed", "This group is closed; its events can only be cancelled.")


def create(
    event_id: str, by: str, details: Details, *, group: Group, membership: Membership, now: datetime
) -> list[Fact] | Refused:
    """A draft, for leaders only until it is published."""
    if not membership.may(Action.CREATE_EVENTS):
        return NOT_ALLOWED
    if group.status in ("frozen", "closed"):
        return NO_NEW_EVENTS
    found = times(details)
    if isinstance(found, Refused):
        return found
    if found.starts <= now:
        return Refused("starts-in-the-past", "An event starts in the future.")
    return [Created(event_id, group.id, by, asdict(details))]


def publish(event: Event, by: str, *, group: Group, membership: Membership, now: datetime) -> list[Fact] | Refused:
    """Open it to people. Publishing twice changes nothing."""
    refused = unfit(event, by, membership, now)
    if refused is not None:
        return refused
    if event.status == "published":
        return []
    return NO_NEW_EVENTS if group.status in ("frozen", "closed") else [Published(event.id, by)]


def announce(event: Event, by: str, *, group: Group, membership: Membership, now: datetime) -> list[Fact] | Refused:
    """Tell the group about it, once."""
    refused = unfit(event, by, membership, now) or shut(group)
    if refused is not None:
        return refused
    if event.status == "draft":
        return Refused("not-published", "Publish the event before you announce it.")
    return [] if event.announced_at is not None else [Announced(event.id, by)]


def change(
    event: Event,
    by: str,
    *,
    group: Group,
    membership: Membership,
    version: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> list[Fact] | Refused:
    """Edit the event as it was at `version`. Values that are already so change nothing.

    changes: fields of `Details`, the place as plain values, and of its promotion what changes.
    """
    refused = unfit(event, by, membership, now) or shut(group)
    if refused is not None:
        return refused
    if version != event.version:
        return Refused("stale-version", f"The event is at version {event.version} by now.")
    found = edited(event, changes)
    if isinstance(found, Refused) or found is None:
        return [] if found is None else found
    new, told, starts = found
    moved = asked_otherwise(event.details, new, event.status)
    if moved is not None:
        return moved
    if starts != event.times.starts and starts <= now:
        return Refused("starts-in-the-past", "An event starts in the future.")
    return [Changed(event.id, by, new, told)]


def edited(
    event: Event, changes: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...], datetime] | Refused | None:
    """What of the changes is new, what people are told of it, and when the event starts then; None: nothing is new."""
    new = news(event.details, changes)
    if not new:
        return None
    found = times(with_changes(event.details, new))
    if isinstance(found, Refused):
        return found
    moved = {"starts_at"} if found.starts != event.times.starts else set()
    moved |= {"ends_at"} if found.ends != event.times.ends else set()
    touched = (new.keys() - {"starts_at", "ends_at", "place"}) | moved | _of_place(event.details.place, new)
    return new, tuple(name for name in TOLD if name in touched), found.starts


def _of_place(place: Place | None, new: Mapping[str, Any]) -> set[str]:
    """What people are told of a new place: where it is, and how many seats its online side has."""
    if "place" not in new:
        return set()
    after = None if new["place"] is None else Place(**new["place"])
    if place is None or after is None or place.sided != after.sided:
        return {"place"}
    if replace(place, capacity=None, guest_limit=None) != replace(after, capacity=None, guest_limit=None):
        return {"place"}
    return {"capacity"} if place.capacity != after.capacity else set()


def host(
    event: Event, by: str, *, member_id: str, hosting: bool, group: Group, membership: Membership, now: datetime
) -> list[Fact] | Refused:
    """Make somebody a host of the event, or no host any more. What is so already changes nothing."""
    refused = unfit(event, by, membership, now) or shut(group)
    if refused is not None:
        return refused
    others = tuple(one for one in event.details.hosts if one != member_id)
    hosts = others
    if hosting:
        hosts = event.details.hosts if member_id in event.details.hosts else (*others, member_id)
    if len(hosts) > MAX_HOSTS:
        return TOO_MANY_HOSTS
    return [] if hosts == event.details.hosts else [Changed(event.id, by, {"hosts": hosts}, ())]


def delete(event: Event, by: str, *, group: Group, membership: Membership, now: datetime) -> list[Fact] | Refused:
    """Throw a draft away, also one whose time is over and in a closed group."""
    if not may(membership, by in event.details.hosts, Action.EDIT_EVENTS):
        return UNKNOWN if event.status == "draft" else NOT_ALLOWED
    return [Deleted(event.id, by)] if event.status == "draft" else NOT_A_DRAFT


def cancel(event: Event, by: str, *, group: Group, membership: Membership, now: datetime) -> list[Fact] | Refused:
    """Call it off, also in a closed group; the record stays, for everybody to see. Cancelling twice changes nothing."""
    refused = unfit(event, by, membership, now)
    if refused is CANCELLED:
        return []
    if refused is None and event.status == "draft":
        refused = NEVER_PUBLISHED
    return refused or [Cancelled(event.id, by)]


def unfit(event: Event, by: str, membership: Membership, now: datetime) -> Refused | None:
    """Why this person cannot change this event now, if so."""
    if not may(membership, by in event.details.hosts, Action.EDIT_EVENTS):
        return UNKNOWN if event.status == "draft" else NOT_ALLOWED
    if event.status == "cancelled":
        return CANCELLED
    return PAST if now >= event.times.ends else None


def shut(group: Group) -> Refused | None:
    return GROUP_CLOSED if group.status == "closed" else None
