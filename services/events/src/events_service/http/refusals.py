"""What the reasons of refused decisions are in HTTP."""

from typing import Final

REFUSALS: Final[dict[str, tuple[int, str]]] = {
    "unknown-event": (404, "There is no such event"),
    "unknown-group": (404, "There is no such group"),
    "not-allowed": (403, "This is not allowed to you"),
    "stale-version": (412, "Somebody changed it meanwhile"),
    "unknown-timezone": (422, "There is no such time zone"),
    "ends-before-start": (422, "An event ends after it starts"),
    "starts-in-the-past": (422, "An event starts in the future"),
    "bad-rsvp-window": (422, "RSVPs open before they close"),
    "group-not-active": (409, "This group cannot have new events"),
    "group-closed": (409, "The group is closed"),
    "not-published": (409, "The event is not published"),
    "event-cancelled": (409, "The event was cancelled"),
    "event-past": (409, "The event is over"),
    "capacity-below-used": (409, "More seats are taken already"),
    "host-needs-a-seat": (409, "There is no free seat"),
    "rsvps-not-open": (409, "RSVPs are not open yet"),
    "rsvps-closed": (409, "RSVPs are closed"),
    "too-many-guests": (422, "Too many guests"),
    "party-too-large": (409, "The party is larger than the event"),
    "guests-do-not-fit": (409, "Your guests do not fit"),
    "no-numbers": (503, "There are no numbers left"),
    "conflict": (409, "Another record already holds this value"),
}
