"""How people move up from the waitlist, as callers say it."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Strict

from chassis.http import Body
from events_service.domain.promotion import CONFIRM_WITHIN, OFFER_TTL, Mode
from events_service.domain.waitlist import MAX_SKIPS


def _duration(given: Any) -> Any:
    if not isinstance(given, timedelta) and not (isinstance(given, str) and given.startswith("P")):
        raise ValueError("not an ISO 8601 duration")
    return given


Lasting = Annotated[timedelta, Strict(strict=False), BeforeValidator(_duration)]
"""An ISO 8601 duration. Without the check a bare number would be seconds, and `12:00` as good as `PT12H`."""


class PromotionBody(Body):
    """instant: at once, when a seat is free, but as an offer within `confirm_within` of the start; offer: the seat is
    held for `offer_ttl`, never longer than half of the time left to the start; manual: leaders choose."""

    mode: Mode = "instant"
    offer_ttl: Lasting = Field(
        default=timedelta(seconds=OFFER_TTL), ge=timedelta(seconds=1), le=timedelta(days=30), examples=["PT12H"]
    )
    confirm_within: Lasting = Field(
        default=timedelta(seconds=CONFIRM_WITHIN), ge=timedelta(0), le=timedelta(days=365), examples=["PT24H"]
    )
    max_skips: int = Field(default=MAX_SKIPS, ge=0, le=100, description="How often a party may be passed")

    def given(self) -> dict[str, Any]:
        """What the caller named, as plain values, times in seconds."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        return {
            name: int(value.total_seconds()) if isinstance(value, timedelta) else value
            for name, value in values.items()
        }
