"""What a run is to be: how many, how fast, and how people behave."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Promotion = Literal["instant", "offer", "manual", "mixed"]
AHEAD = timedelta(days=30)
"""So long after the run its events start."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How many of each, and shares of the requests between 0 and 1. The same seed sends the same requests.

    capacity: seats per event, None = no limit; joined: people are members before they RSVP; mailed: the first so many
    of them have a verified address.

    at_once: requests under way at most. rate: arrivals per second, whether or not earlier ones are answered; None =
    each caller sends the next request when the last one is answered. What arrives beyond `at_once` waits in the
    driver, and its time counts from its arrival.

    cancel: take an answer back; again: come after having said no; change: come with another number of guests; guests:
    bring some; double: the same request twice at the same time; repeat: the same once more after its answer; other: the
    same key with another body.

    promotion: how people move up from the line, mixed = event by event another way; offer_ttl: seconds that an offer
    holds; confirm_within: seconds before the start in which seats are offered instead of given. claim, decline: shares
    of the offers that are answered so, the rest expires. lead: how often leaders do something by hand, as a share of
    the times that they look at an event.

    late: share of the members who come in the last such share of the requests, when seats are gone; they are never in
    the group before. patience: seconds of repeating before a request's outcome stays unknown; settle: seconds without
    progress until what has not arrived is counted as wrong.
    """

    events: int
    members: int
    requests: int
    capacity: int | None = None
    at_once: int = 128
    seed: int = 7
    cancel: float = 0.1
    joined: bool = False
    mailed: int = 0
    rate: float | None = None
    guests: float = 0.1
    again: float = 0.03
    double: float = 0.02
    repeat: float = 0.02
    other: float = 0.01
    change: float = 0.0
    promotion: Promotion = "instant"
    offer_ttl: int = 43_200
    confirm_within: int = 86_400
    claim: float = 0.5
    decline: float = 0.2
    lead: float = 0.0
    late: float = 0.0
    patience: float = 60.0
    settle: float = 60.0

    @property
    def punctual(self) -> int:
        """How many members are no latecomers."""
        return self.members - int(self.members * self.late)

    @property
    def watched(self) -> bool:
        """Whether there is something to do besides RSVPs: offers, or what leaders do."""
        return self.promotion != "instant" or self.lead > 0 or self.confirm_within > AHEAD.total_seconds()


@dataclass(frozen=True, slots=True)
class Field:
    """What a run plays on: ids of events, names of people; `host` leads the group and sees everything."""

    group_id: str
    host: str
    events: list[str]
    members: list[str]
    mailed: list[str]
