"""Seats that are held for somebody: claim them, or leave them to the next in line."""

import re
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Me, Problem, reply
from chassis.http.ports import TheJournal, asked_by
from events_service.handlers import offer as offers
from events_service.http.rsvp import RsvpAnswer

router = APIRouter(prefix="/v1", tags=["waitlist"])

_OFFER: Final = re.compile(r"([^.]{1,64})\.([1-9]\d{0,17})")


@router.post("/offers/{offer_id}/accept", response_model=RsvpAnswer)
async def accept(offer_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Claim the seats that are held for the caller. Twice changes nothing."""
    event_id, seq = _parts(offer_id)
    return reply(await offers.accept(journal, asked_by(request, caller), event_id, seq))


@router.post("/offers/{offer_id}/decline", response_model=RsvpAnswer)
async def decline(offer_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Leave the seats to the next in line. Twice changes nothing."""
    event_id, seq = _parts(offer_id)
    return reply(await offers.decline(journal, asked_by(request, caller), event_id, seq))


def _parts(offer_id: str) -> tuple[str, int]:
    found = _OFFER.fullmatch(offer_id)
    if found is None:
        raise Problem(404, "unknown-offer", "There is no such offer for you")
    return found[1], int(found[2])
