"""How people move up from the waitlist: at once, by an offer they claim, or by a leader's hand (behaviour 9.8)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from chassis.frozen import frozen
from events_service.domain.waitlist import MAX_SKIPS

Mode = Literal["instant", "offer", "manual"]
Way = Literal["seat", "offer", "hand"]

OFFER_TTL: Final = 12 * 3600
CONFIRM_WITHIN: Final = 24 * 3600


@frozen
class Promotion:
    """offer_ttl: seconds until an offer expires; confirm_within: seconds before the start in which a seat is offered
    also where it is given at once otherwise; max_skips: how often a waiting party may be passed."""

    mode: Mode = "instant"
    offer_ttl: int = OFFER_TTL
    confirm_within: int = CONFIRM_WITHIN
    max_skips: int = MAX_SKIPS


AT_ONCE: Final = Promotion()


def promotion_of(values: Mapping[str, Any]) -> Promotion:
    """What an event's plain values say; None is `AT_ONCE`. Those from before there was a choice say only how often one
    is passed."""
    if "promotion" not in values:
        return Promotion(max_skips=values["max_skips"])
    said = values["promotion"]
    return (
        AT_ONCE
        if said is None
        else Promotion(said["mode"], said["offer_ttl"], said["confirm_within"], said["max_skips"])
    )


def way(promotion: Promotion, starts: datetime, now: datetime) -> Way:
    """What becomes of a free seat at this time. From the start on nobody is moved who may not look any more."""
    left = (starts - now).total_seconds()
    if promotion.mode == "manual" or left <= 0:
        return "hand"
    return "offer" if promotion.mode == "offer" or left < promotion.confirm_within else "seat"


def expiry(promotion: Promotion, starts: datetime, now: datetime) -> datetime:
    """Until when an offer made now holds: never later than half of the time left to the start. To the millisecond."""
    until = now + min(timedelta(seconds=promotion.offer_ttl), (starts - now) / 2)
    return until.replace(microsecond=until.microsecond // 1000 * 1000)
