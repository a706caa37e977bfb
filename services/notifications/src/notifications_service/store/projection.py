"""What this service must know of others' groups, people and events, kept from their topics by the consumer alone."""

from datetime import datetime, timedelta
from typing import Any

from chassis.mongo import Document
from notifications_service.domain.notice import LEADERS_OF_PEOPLE, WITH_A_STAKE

GROUPS = "groups"
MEMBERSHIPS = "memberships"
MEMBERS = "members"
EVENTS = "events"
RSVPS = "rsvps"
POSTS = "posts"
FEEDBACK = "feedback"
ATTENDANCE = "attendance"

POSTS_KEPT = timedelta(days=7)
"""As long as the topics keep what people said."""
FEEDBACK_KEPT = timedelta(days=31)
"""Nobody is asked what they make of an event after that. So long it is kept who was there, too."""


def membership_id(group_id: str, member_id: str) -> str:
    return f"{group_id}:{member_id}"


def kept(id_: str, sequence: int, state: Document) -> Document:
    """The state as of this sequence."""
    return {"_id": id_, "v": 1, "sequence": sequence, **state}


def gone(id_: str, sequence: int) -> Document:
    """A deletion: only its place in the order stays."""
    return {"_id": id_, "v": 1, "sequence": sequence, "deleted": True}


def membership(
    before: Document | None, *, group_id: str, member_id: str, state: str, role: str, at: datetime, sequence: int
) -> Document:
    """A membership with the time since when it is active."""
    active = state == "active"
    since: Any = before.get("since") if before and before.get("state") == "active" else at
    return {
        "_id": membership_id(group_id, member_id),
        "v": 1,
        "sequence": sequence,
        "group_id": group_id,
        "member_id": member_id,
        "state": state,
        "role": role,
        "leads": active and role in LEADERS_OF_PEOPLE,
        "since": since if active else None,
    }


def rsvp_fields(
    *, event_id: str, member_id: str, status: str, was: str | None, at: datetime, sequence: int
) -> Document:
    """The member's latest answer. `since`: when they came to have a stake in the event; kept while they have one."""
    change: Document = {"event_id": event_id, "member_id": member_id, "state": status, "sequence": sequence}
    if status in WITH_A_STAKE and was not in WITH_A_STAKE:
        change["since"] = at
    return change


def post_fields(*, author_id: str, what: str, excerpt: str | None, at: datetime) -> Document:
    """A post, a comment or a message to people after something happened to it; of what was taken away there is no
    excerpt. `at`: the last time that anything did, from which on it is kept."""
    state = what if what in ("hidden", "deleted") else "shown"
    return {"author_id": author_id, "state": state, "excerpt": excerpt, "at": at}


def feedback_id(event_id: str, member_id: str) -> str:
    return f"{event_id}:{member_id}"


def feedback_fields(*, event_id: str, member_id: str, at: datetime) -> Document:
    """That somebody has said what they make of an event; what they said is not kept here."""
    return {"event_id": event_id, "member_id": member_id, "at": at}


def attendance_id(event_id: str, member_id: str) -> str:
    return f"{event_id}:{member_id}"


def attendance_fields(*, event_id: str, member_id: str, mark: str, at: datetime) -> Document:
    """What is noted of somebody at an event: `attended`, `no_show` or `excused`."""
    return {"event_id": event_id, "member_id": member_id, "mark": mark, "at": at}
