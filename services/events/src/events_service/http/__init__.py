"""The service's routes."""

from typing import Final

from events_service.http import event, rsvp, series
from events_service.http.rsvp import LEAN

__all__ = ["LEAN", "ROUTERS"]

ROUTERS: Final = (rsvp.router, event.router, series.router)
