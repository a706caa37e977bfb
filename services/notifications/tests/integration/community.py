"""Messages about a small community, as groups and events publish them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.clock import utc_now
from chassis.consumers import Received
from contracts.events import EventState, Place, RsvpChanged
from contracts.groups import ConversationFact, GroupState, MembershipState, MemberState

CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def heard(topic: str, happened: str, sequence: int, *, subject: str, key: str, actor: str, body: Any) -> Received[Any]:
    """One of groups' messages, as a consumer hears it in a batch that a test puts together."""
    return Received(
        topic=topic,
        partition=0,
        offset=sequence,
        key=key,
        type=f"convene.groups.{happened}.v1",
        id=str(sequence),
        source="/convene/groups",
        subject=subject,
        sequence=sequence,
        actor=actor,
        time=utc_now(),
        trace=None,
        body=body,
    )


def group(group_id: str, organizer: str, **changes: Any) -> GroupState:
    return GroupState(
        **{
            "group_id": group_id,
            "number": 7,
            "urlname": group_id,
            "name": "Jersey City Moms",
            "city": "Jersey City",
            "country": "US",
            "lat": 40.7,
            "lon": -74.0,
            "timezone": "America/New_York",
            "visibility": "public",
            "join_mode": "approval",
            "organizer_id": organizer,
            "version": 1,
            "created_at": CREATED,
            "updated_at": CREATED,
            **changes,
        }
    )


def membership(group_id: str, member: str, state: str, **changes: Any) -> MembershipState:
    return MembershipState(**{"group_id": group_id, "member_id": member, "state": state, "version": 1, **changes})


def said(group_id: str, post_id: str, author: str, **changes: Any) -> ConversationFact:
    """A post, or what became of it; of a reply `thread_id` is another."""
    fact = {"group_id": group_id, "post_id": post_id, "thread_id": post_id, "author_id": author, "version": 1}
    return ConversationFact.model_validate({**fact, "excerpt": "Bring cake", **changes})


def member(member_id: str, name: str, timezone: str = "UTC") -> MemberState:
    return MemberState(member_id=member_id, number=9, name=name, timezone=timezone, version=1)


def evening() -> str:
    """A zone in which it is evening: the next morning's digest takes up whatever a test does."""
    ahead = (20 - utc_now().hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"


def event(event_id: str, group_id: str, organizer: str, **changes: Any) -> EventState:
    starts = utc_now().replace(microsecond=0) + timedelta(days=3)
    return EventState(
        **{
            "event_id": event_id,
            "group_id": group_id,
            "title": "Picnic in the park",
            "starts_at": starts.replace(tzinfo=None).isoformat(),
            "ends_at": (starts + timedelta(hours=2)).replace(tzinfo=None).isoformat(),
            "timezone": "America/New_York",
            "starts_at_utc": starts,
            "ends_at_utc": starts + timedelta(hours=2),
            "place": Place(kind="physical", name="Van Vorst Park", address="257 Montgomery St"),
            "capacity": 2,
            "attendee_list": "everyone",
            "status": "published",
            "created_by": organizer,
            "version": 1,
            **changes,
        }
    )


def rsvp(event_id: str, group_id: str, member: str, seq: int, status: str, **changes: Any) -> RsvpChanged:
    return RsvpChanged(
        **{
            "rsvp_id": f"{event_id}.{member}",
            "number": seq,
            "event_id": event_id,
            "group_id": group_id,
            "member_id": member,
            "status": status,
            "guests": 0,
            "seq": seq,
            **changes,
        }
    )
