"""The service's routes."""

from typing import Final

from events_service.http import calendar, event, rsvp, series
from events_service.http.rsvp import LEAN

__all__ = ["LEAN", "ROUTERS"]

# calendars first: `<event id>.ics` would be taken for an event id
ROUTERS: Final = (rsvp.router, calendar.router, event.router, series.router)
