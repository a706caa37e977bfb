"""Who may do what with a group's events: role x action, as data (behaviour 2 and 8)."""

from enum import Enum
from typing import Final, Literal

Role = Literal["organizer", "co_organizer", "assistant_organizer", "event_organizer", "member"]

ROLES: Final[tuple[Role, ...]] = ("organizer", "co_organizer", "assistant_organizer", "event_organizer", "member")


class Action(Enum):
    """What an active member of a group may be allowed to do; an outsider may do none of it."""

    SEE_INSIDE = "see a private group's events"
    CREATE_EVENTS = "create events for the group"
    EDIT_EVENTS = "change, publish, announce and cancel the group's events"
    MANAGE_RSVPS = "add people to events beyond the waitlist too, promote them and take them out"
    MODERATE = "take away what was said about an event"
    WRITE_TO_PEOPLE = "write to those who come to an event, or wait for a place"
    READ_FEEDBACK = "read what people say of an event they were at, and who says it"
    SEE_EVERYBODY = "see every RSVP and the whole waitlist, whatever its members chose"


_LEADING: Final = frozenset(Action)

PERMISSIONS: Final[dict[Role, frozenset[Action]]] = {
    "organizer": _LEADING,
    "co_organizer": _LEADING,
    "assistant_organizer": _LEADING,
    "event_organizer": _LEADING,
    "member": frozenset({Action.SEE_INSIDE}),
}

HOSTING: Final = frozenset(
    {
        Action.SEE_INSIDE,
        Action.EDIT_EVENTS,
        Action.MANAGE_RSVPS,
        Action.MODERATE,
        Action.WRITE_TO_PEOPLE,
        Action.READ_FEEDBACK,
        Action.SEE_EVERYBODY,
    }
)
"""What a host may do with the one event they host."""


def allows(role: Role, action: Action) -> bool:
    """Whether an active member with this role may do it."""
    return action in PERMISSIONS[role]
