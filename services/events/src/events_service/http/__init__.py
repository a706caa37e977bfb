"""The service's routes."""

from typing import Final

from events_service.http import (
    acts,
    attendance,
    calendar,
    comment,
    event,
    feedback,
    host,
    letter,
    mine,
    network_event,
    offer,
    rsvp,
    series,
    stewarding,
    waitlist,
)
from events_service.http.rsvp import LEAN

__all__ = ["LEAN", "ROUTERS"]

# calendars first: `<event id>.ics` would be taken for an event id
ROUTERS: Final = (
    *(rsvp.router, mine.router, stewarding.router, waitlist.router, offer.router, attendance.router, calendar.router),
    *(event.router, acts.router, host.router, series.router, network_event.router),
    *(comment.router, letter.router, feedback.router),
)
