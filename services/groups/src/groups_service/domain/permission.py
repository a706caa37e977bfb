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
    INVITE = "invite people, whatever the way of joining"
    REMOVE_PEOPLE = "remove and ban members, and let the banned ask again"
    CHANGE_ROLES = "give and take roles below the organizer's, and remove who has one"
    HAND_OVER = "make another member the organizer"
    CLOSE_GROUP = "close the group for good"
    CHOOSE_NETWORK = "ask for, accept and leave the network that the group is in"
    STEP_UP = "offer to organize a group that nobody organizes"
    VOTE = "choose among those who offer"
    TALK = "post, reply and react"
    ANNOUNCE = "write announcements"
    MODERATE = "pin, hide and delete posts, judge reports, read the audit log"


_MEMBER: Final = frozenset({Action.SEE_INSIDE, Action.STEP_UP, Action.VOTE, Action.TALK})
_PEOPLE: Final = _MEMBER | {
    Action.SEE_REQUESTS,
    Action.DECIDE_REQUESTS,
    Action.INVITE,
    Action.REMOVE_PEOPLE,
    Action.ANNOUNCE,
    Action.MODERATE,
}

PERMISSIONS: Final[dict[Role, frozenset[Action]]] = {
    "organizer": frozenset(Action),
    "co_organizer": frozenset(Action) - {Action.HAND_OVER, Action.CLOSE_GROUP},
    "assistant_organizer": _PEOPLE,
    "event_organizer": _MEMBER | {Action.ANNOUNCE},
    "member": _MEMBER,
}


def allows(role: Role, action: Action) -> bool:
    """Whether an active member with this role may do it."""
    return action in PERMISSIONS[role]
