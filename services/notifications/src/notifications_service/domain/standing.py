"""What is kept from people by how they stand to the group that it is about."""

from typing import Final

from notifications_service.domain.notice import Kind

PUT_OUT: Final = frozenset({"removed", "banned"})
"""How a membership stands that the group has ended: they are told nothing more of its events."""

SAID_TO_MEMBERS: Final = frozenset({Kind.POST_MENTIONED, Kind.POST_REPLIED})
"""For who is a member."""

OF_EVENTS: Final = frozenset(
    {
        Kind.COMMENT_MADE,
        Kind.COMMENT_REPLIED,
        Kind.COMMENT_MENTIONED,
        Kind.EVENT_CHANGED,
        Kind.EVENT_CANCELLED,
        Kind.SERIES_CHANGED,
        Kind.SERIES_CANCELLED,
        Kind.RSVP_OFFER_EXPIRING,
        Kind.MESSAGE_RECEIVED,
        Kind.FEEDBACK_ASKED,
    }
)
"""For who has a part in an event and was not put out of its group: an RSVP to one that has begun outlasts that, and the
event may name them as its host. What they do about their own RSVP is answered all the same: it may bring them back, and
be known here before that is."""


def asks_for_standing(kind: Kind) -> bool:
    """Whether `may_hear` goes by it."""
    return kind in SAID_TO_MEMBERS or kind in OF_EVENTS


def may_hear(kind: Kind, standing: str | None) -> bool:
    """standing: how the recipient's membership stands, None where none is known; it may only not have come here yet."""
    if kind in SAID_TO_MEMBERS:
        return standing in (None, "active")
    return kind not in OF_EVENTS or standing not in PUT_OUT
