"""Who may do what in a group: role x action, as data (behaviour 2)."""

from enum import Enum
from typing import Final, Literal

Role = Literal["organizer", "co_organizer", "assistant_organizer", "event_organizer", "member"]

ROLES: Final[tuple[Role, ...]] = ("organizer", "co_organizer", "assistant_organizer", "event_organizer", "member")


class Action(Enum):
    """What an active member of a group may be allowed to do; an outsider may do none of it."""

    SEE_INSIDE = "see a private group's details and members"
    SEE_REQUESTS = "see who asks to join, their answers, and who is gone"
    DECIDE_REQUESTS = "approve and reject requests to join"
    EDIT_GROUP = "change what the group says of itself and how people join"
    CHANGE_ROLES = "give and take roles below the organizer's"
    HAND_OVER = "make another member the organizer"


_PEOPLE: Final = frozenset({Action.SEE_INSIDE, Action.SEE_REQUESTS, Action.DECIDE_REQUESTS})

PERMISSIONS: Final[dict[Role, frozenset[Action]]] = {
    "organizer": frozenset(Action),
    "co_organizer": frozenset(Action) - {Action.HAND_OVER},
    "assistant_organizer": _PEOPLE,
    "event_organizer": frozenset({Action.SEE_INSIDE}),
    "member": frozenset({Action.SEE_INSIDE}),
}


def allows(role: Role, action: Action) -> bool:
    """Whether an active member with this role may do it."""
    return action in PERMISSIONS[role]
