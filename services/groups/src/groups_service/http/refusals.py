"""What the reasons of refused decisions are in HTTP."""

from typing import Final

REFUSALS: Final[dict[str, tuple[int, str]]] = {
    "group-not-found": (404, "There is no such group"),
    "not-allowed": (403, "Your role does not allow this"),
    "banned": (403, "You may not join this group"),
    "by-invitation": (403, "People join this group by invitation"),
    "photo-required": (409, "The group asks for a photo"),
    "no-request": (409, "Nobody asks to join"),
    "not-a-member": (404, "They are no member of this group"),
    "organizer-stays": (409, "A group has an organizer"),
    "too-many-answers": (422, "There are fewer questions"),
    "group-closed": (409, "The group is closed"),
    "has-organizer": (409, "The group has an organizer"),
    "not-a-candidate": (404, "They do not offer to organize the group"),
    "too-many-candidates": (409, "Enough people offer already"),
    "is-a-member": (409, "They are a member already"),
    "invitation-not-found": (404, "There is no such invitation"),
    "invitation-used": (410, "The invitation was accepted before"),
    "invitation-expired": (410, "The invitation has expired"),
    "oneself": (409, "Nobody blocks themselves"),
    "urlname-taken": (409, "The urlname is taken"),
    "stale-version": (412, "Somebody changed it meanwhile"),
    "private-for-good": (409, "A private group stays private"),
    "no-numbers": (503, "There are no numbers left"),
    "conflict": (409, "Another record already holds this value"),
}
