"""The service's routes."""

from typing import Final

from events_service.http import acts, event, offer, rsvp, stewarding, waitlist
from events_service.http.rsvp import LEAN

__all__ = ["LEAN", "ROUTERS"]

ROUTERS: Final = (rsvp.router, stewarding.router, waitlist.router, offer.router, event.router, acts.router)
