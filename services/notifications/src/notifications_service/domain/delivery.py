"""When a mail is sent, sent again, or given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from notifications_service.domain.notice import LEADERS_OF_PEOPLE, Kind
from notifications_service.domain.standing import OF_EVENTS, PUT_OUT, SAID_TO_MEMBERS

Pace = Literal["prompt", "bulk"]

_MANY = frozenset(
    {
        Kind.EVENT_ANNOUNCED,
        Kind.EVENT_CHANGED,
        Kind.EVENT_CANCELLED,
        Kind.NETWORK_EVENT,
        Kind.SERIES_CHANGED,
        Kind.SERIES_CANCELLED,
        Kind.GROUP_NEEDS_ORGANIZER,
        Kind.GROUP_WENT_PRIVATE,
        Kind.POST_ANNOUNCED,
        Kind.POST_DIGEST,
        Kind.MESSAGE_RECEIVED,
        Kind.FEEDBACK_ASKED,
    }
)

_FOR_MEMBERS = SAID_TO_MEMBERS | {Kind.EVENT_ANNOUNCED, Kind.GROUP_NEEDS_ORGANIZER, Kind.POST_ANNOUNCED}
"""Mailed to whoever is still a member when the mail goes."""

_COMMENTS = frozenset({Kind.COMMENT_MADE, Kind.COMMENT_REPLIED, Kind.COMMENT_MENTIONED})
"""The same in a private group; in a public one whoever reads the event may read them."""

_OF_EVENTS = OF_EVENTS | {
    Kind.NETWORK_EVENT,
    Kind.RSVP_PROMOTED,
    Kind.RSVP_OFFERED,
    Kind.RSVP_OFFER_EXPIRED,
}
"""Not mailed to who was put out of the group meanwhile. What they do themselves is answered: it may bring them back."""

_FOR_ROLES = {Kind.JOIN_ASKED: LEADERS_OF_PEOPLE, Kind.NETWORK_EVENT: LEADERS_OF_PEOPLE | {"event_organizer"}}
"""Mailed to whoever still has one of these roles."""

RETRY_AFTER: Sequence[timedelta] = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 12, 12)),
)
"""Pauses after a temporary refusal; about two days in all."""

KEEP_TRYING_TO_REACH = timedelta(seconds=30)
"""The longest pause while no mail server answers at all: that is our outage, not the recipient's."""

LOOK_FOR_EVENT = timedelta(seconds=60)
"""How long a mail waits for the event or group it speaks of to become known here."""

NEWS_FOR = timedelta(days=7)
"""A mail about something older says nothing new and is not sent; the inbox line stays."""

SPREAD_AGAIN: Sequence[timedelta] = (
    timedelta(seconds=2),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
)
"""When a spread looks again for recipients whose membership or RSVP came in late over another topic."""

LOOK_IF_SHOWN = timedelta(minutes=1)
"""How long a spread waits until it looks again whether what it speaks of, which was hidden, is shown."""


def pace(kind: Kind) -> Pace:
    """`bulk` mails wait behind `prompt` ones, so that an announcement to thousands delays nobody's promotion."""
    return "bulk" if kind in _MANY else "prompt"


@dataclass(frozen=True, slots=True)
class Again:
    """Try once more after this pause."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Dropped:
    """Never sent. `why` is stable: `refused`, `exhausted`, `stale`, `unverified`, `superseded`,
    `withdrawn`, `not-a-member`."""

    why: str


def after_refusal(code: int, attempt: int, jitter: float) -> Again | Dropped:
    """What follows a mail server's refusal (SMTP reply code) of the attempt counted from 1; `jitter` in 0..1.

    A reply of 5xx is for good (RFC 5321, 4.2.1); anything else is tried again, each pause up to a fifth longer.
    """
    if 500 <= code < 600:
        return Dropped("refused")
    if attempt > len(RETRY_AFTER):
        return Dropped("exhausted")
    return Again(RETRY_AFTER[attempt - 1] * (1 + jitter / 5))


def after_silence(failures: int, jitter: float) -> timedelta:
    """The pause when the server could not be reached or broke off, the `failures`th time in a row: doubles."""
    doubled = timedelta(seconds=2.0 ** min(failures - 2, 10))
    return min(doubled, KEEP_TRYING_TO_REACH) * (1 + jitter / 5)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known when a mail would be sent.

    post_gone: what it speaks of was hidden or deleted. standing: the recipient's in the group, None where none is
    known; role: which they have there, `none` outside; group_status: None likewise. until: when an offer ends that it
    speaks of.
    """

    event_cancelled: bool = False
    event_over: bool = False
    post_gone: bool = False
    standing: str | None = None
    role: str | None = None
    group_status: str | None = None
    group_private: bool = False
    until: datetime | None = None

    @property
    def outside(self) -> bool:
        """Whether the group is private and the recipient known to be no member."""
        return self.group_private and not self.may_belong

    @property
    def may_belong(self) -> bool:
        """A member, or perhaps one whose membership has not arrived."""
        return self.standing in (None, "active")

    @property
    def put_out(self) -> bool:
        """Whether the group has removed or banned them."""
        return self.standing in PUT_OUT


def unless_worthless(kind: Kind, *, happened_at: datetime, now: datetime, as_is: Circumstances) -> Dropped | None:
    """Why a mail that waited is not sent any more, judged by what is true when it would be sent."""
    if now - happened_at > NEWS_FOR:
        return Dropped("stale")
    if as_is.post_gone:
        return Dropped("withdrawn")
    if _kept_from(kind, as_is):
        return Dropped("not-a-member")
    return Dropped("superseded") if _superseded(kind, as_is, now) else None


def _kept_from(kind: Kind, as_is: Circumstances) -> bool:
    """Whether it is not for the recipient any more, by how they stand to the group."""
    if kind in _FOR_ROLES and as_is.role is not None and as_is.role not in _FOR_ROLES[kind]:
        return True
    if kind in _FOR_MEMBERS:
        return not as_is.may_belong
    return (kind in _COMMENTS and as_is.outside) or (kind in _OF_EVENTS and as_is.put_out)


def _superseded(kind: Kind, as_is: Circumstances, now: datetime) -> bool:
    match kind:
        case Kind.EVENT_ANNOUNCED | Kind.EVENT_CHANGED:
            return as_is.event_cancelled
        case Kind.RSVP_OFFER_EXPIRING:
            return as_is.event_cancelled or (as_is.until is not None and now >= as_is.until)
        case Kind.RSVP_CONFIRMED | Kind.RSVP_PROMOTED | Kind.RSVP_WAITLISTED:
            return as_is.event_over  # a leader may let in who was there for long after it
        case Kind.GROUP_INVITED:
            return as_is.standing in ("active", "banned") or as_is.group_status == "closed"
        case Kind.GROUP_NEEDS_ORGANIZER:
            return as_is.group_status in ("active", "closed")
    return False


def wait_for_subject(waited: timedelta) -> timedelta | None:
    """The next pause of a mail whose event or group is not known yet; None = send it with what is known."""
    if waited >= LOOK_FOR_EVENT:
        return None
    return min(max(waited / 4, timedelta(milliseconds=100)), timedelta(seconds=5))
