"""Which notice follows from what happened, and for whom.

A notice is one line in one member's inbox and, where they have a verified address, one mail. Its identity is its
cause, its kind and its recipient, so that the same message can be read twice and still makes one notice.
"""

from collections.abc import Collection, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from chassis.frozen import frozen


class Kind(StrEnum):
    """What a notice is about; stable, callers see it."""

    JOIN_ASKED = "join.asked"
    JOIN_APPROVED = "join.approved"
    JOIN_REFUSED = "join.refused"
    ROLE_CHANGED = "role.changed"
    GROUP_INVITED = "group.invited"
    GROUP_REMOVED = "group.removed"
    """Of a ban too: nobody can tell the one from the other."""
    GROUP_NEEDS_ORGANIZER = "group.needs-organizer"
    GROUP_WENT_PRIVATE = "group.went-private"
    POST_ANNOUNCED = "post.announced"
    POST_MENTIONED = "post.mentioned"
    POST_REPLIED = "post.replied"
    POST_DIGEST = "post.digest"
    """A mail alone: each announcement in it has a line of its own."""
    EVENT_ANNOUNCED = "event.announced"
    EVENT_CHANGED = "event.changed"
    EVENT_CANCELLED = "event.cancelled"
    NETWORK_EVENT = "network.event"
    SERIES_CHANGED = "series.changed"
    SERIES_CANCELLED = "series.cancelled"
    RSVP_CONFIRMED = "rsvp.confirmed"
    RSVP_WAITLISTED = "rsvp.waitlisted"
    RSVP_PROMOTED = "rsvp.promoted"
    RSVP_OFFERED = "rsvp.offered"
    RSVP_OFFER_EXPIRING = "rsvp.offer-expiring"
    RSVP_OFFER_EXPIRED = "rsvp.offer-expired"
    COMMENT_MADE = "comment.made"
    COMMENT_REPLIED = "comment.replied"
    COMMENT_MENTIONED = "comment.mentioned"
    MESSAGE_RECEIVED = "message.received"
    FEEDBACK_ASKED = "feedback.asked"
    EXPORT_READY = "export.ready"
    ERASURE_RECEIPT = "erasure.receipt"
    """A mail alone: the inbox goes with its member."""


Audience = Literal["members", "attendees", "offered"]
"""offered: the one who has the offer that the cause made, as long as it holds."""

LEADERS_OF_PEOPLE = frozenset({"organizer", "co_organizer", "assistant_organizer"})
WITH_A_STAKE = frozenset({"yes", "waitlist", "offered"})


@frozen
class Cause:
    """The message that a notice follows from, or the edit of a series that several messages are parts of.

    `at`: when it happened; `trace`: its W3C traceparent.
    """

    topic: str
    subject: str
    sequence: int
    at: datetime
    actor: str | None = None
    trace: str | None = None


@frozen
class Notice:
    """One thing to tell one member.

    group_id: None for what is between the member and the platform.
    about: the member it speaks of, where that is somebody else than the recipient.
    post_id: the post, the comment or the message to people it speaks of; gone, there is nothing to tell.
    details: the few values that no projection holds (guests, place in line, changed fields, dates called off); plain
    JSON values.
    """

    kind: Kind
    recipient: str
    cause: Cause
    group_id: str | None
    event_id: str | None = None
    about: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    post_id: str | None = None


@frozen
class Spread:
    """One thing to tell many; who they are is looked up when it is spread, at the time of its cause or later.

    event_id, about, post_id: as of a notice. besides: members whom another notice tells of it. standing: how the RSVPs
    of those stand whom it is for; none: they have a stake in the event.
    """

    kind: Kind
    audience: Audience
    cause: Cause
    group_id: str
    event_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    about: str | None = None
    post_id: str | None = None
    besides: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()


@frozen
class Edit:
    """One edit of a series; each of its dates tells its own part, and each person hears of it once.

    kind: `changed` or `cancelled`; fell: how many dates were called off; back: how many take place after all.
    """

    id: str
    at: datetime
    kind: str
    changed: tuple[str, ...]
    fell: int
    back: int = 0


@frozen
class EventBefore:
    """What was known of an event before a message about it."""

    announced: bool
    cancelled: bool
    over: bool = False


def of_rsvp(
    *,
    status: str,
    was: str | None,
    expired: bool,
    guests: int,
    position: int | None,
    until: datetime | None,
    place: str | None = None,
    member: str,
    group: str,
    event: str,
    cause: Cause,
) -> Notice | None:
    """What an RSVP decision tells its own member; a change that leaves the status as it was tells nothing.

    It is a confirmation of their own act, so it is sent although they are the actor. expired: they did not claim in
    time what was offered; until: when an offer expires; place: `physical` or `online`, where an event has both sides.
    """
    if status == was:
        return None
    details: dict[str, Any] = {"guests": guests} | _side(place)
    if status == "yes":
        kind = Kind.RSVP_PROMOTED if was == "waitlist" else Kind.RSVP_CONFIRMED
    elif status == "waitlist":
        kind = Kind.RSVP_WAITLISTED
        details |= {} if position is None else {"position": position}
    elif status == "offered":
        kind = Kind.RSVP_OFFERED
        details |= {} if until is None else {"until": until.isoformat()}
    elif expired:
        kind, details = Kind.RSVP_OFFER_EXPIRED, _side(place)
    else:
        return None
    return Notice(kind=kind, recipient=member, cause=cause, group_id=group, event_id=event, details=details)


def _side(place: str | None) -> dict[str, Any]:
    return {} if place is None else {"place": place}


LAST_CALL = timedelta(hours=1)
"""How long before its end an offer is recalled at most; a quarter of the time that it holds where that is less."""

TOO_SHORT_TO_RECALL = timedelta(minutes=20)
"""Offers that hold no longer than this are not recalled: they have just been told."""


def of_offer(
    *, until: datetime | None, guests: int, place: str | None = None, group: str, event: str, cause: Cause
) -> Spread | None:
    """What recalls an offer before it expires, unless it has been answered by then.

    cause: what made the offer; place: as of an RSVP.
    """
    if until is None or until - cause.at <= TOO_SHORT_TO_RECALL:
        return None
    due = until - min((until - cause.at) / 4, LAST_CALL)
    details = {"guests": guests, "until": until.isoformat()} | _side(place)
    return Spread(Kind.RSVP_OFFER_EXPIRING, "offered", replace(cause, at=due, actor=None), group, event, details)


def of_event(
    *,
    announced: bool,
    cancelled: bool,
    changed: Collection[str],
    said: str,
    before: EventBefore | None,
    group: str,
    event: str,
    cause: Cause,
) -> Spread | None:
    """What a new state of an event tells.

    Compared with what was known before, so that an announcement counts even where its own message was compacted away
    behind a later one; with nothing known before, the message's own word (`said`: published, announced, changed,
    cancelled) decides, so that a first reading of old states tells nobody anything.
    """
    if cancelled:
        if said == "cancelled" if before is None else not before.cancelled:
            return Spread(Kind.EVENT_CANCELLED, "attendees", cause, group, event)
        return None
    if said == "announced" if before is None else announced and not before.announced:
        return Spread(Kind.EVENT_ANNOUNCED, "members", cause, group, event)
    if said == "changed" and changed:
        return Spread(Kind.EVENT_CHANGED, "attendees", cause, group, event, {"changed": sorted(changed)})
    return None


def of_edit(spread: Spread, edit: Edit) -> Spread:
    """The same news as a part of an edit: whose cause is the edit, the same one for all dates."""
    cause = Cause(spread.cause.topic, edit.id, 0, edit.at, spread.cause.actor, spread.cause.trace)
    kind = Kind.SERIES_CANCELLED if edit.kind == "cancelled" else Kind.SERIES_CHANGED
    details = {"changed": sorted(edit.changed), "fell": edit.fell, "back": edit.back}
    return Spread(kind, spread.audience, cause, spread.group_id, spread.event_id, details)


def of_export(member: str, request: str, cause: Cause) -> Notice:
    """The member's archive can be fetched. It is what they asked for, so it is sent although they are the actor."""
    return Notice(Kind.EXPORT_READY, member, cause, group_id=None, details={"export_id": request})


def to(spread: Spread, recipient: str) -> Notice | None:
    """The notice that a spread makes for one member; nobody is told about their own act."""
    if recipient == spread.cause.actor or recipient in spread.besides:
        return None
    return Notice(
        kind=spread.kind,
        recipient=recipient,
        cause=spread.cause,
        group_id=spread.group_id,
        event_id=spread.event_id,
        about=spread.about,
        details=spread.details,
        post_id=spread.post_id,
    )
