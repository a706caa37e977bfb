"""Feedback: what people who were at an event make of it, and what it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from events_service.domain import acts
from events_service.domain.event import Event
from events_service.domain.refusal import Refused

Next = Literal["come-again", "meet-again", "help-out", "another-topic", "another-time", "not-for-me"]
"""What next: as people choose, beside what they write."""

NEXT: Final[tuple[Next, ...]] = get_args(Next)
MOST_STARS: Final = 5
OPEN_FOR: Final = timedelta(days=30)
"""From the end of the event."""


NOT_OPEN: Final = Refused("feedback-not-open", "Feedback is given once the event is over.")
CLOSED: Final = Refused("feedback-closed", "Feedback is given within 30 days after the event.")
NOT_THERE: Final = Refused("was-not-there", "Feedback is given by people who were there.")


@dataclass(frozen=True, slots=True)
class Said:
    """One person's words. text: of the event; next_text: of what next."""

    text: str = ""
    next_text: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """stars: 1 to 5. `version` counts its changes; one that was withdrawn has no stars, and may be given again."""

    event_id: str
    group_id: str
    member_id: str
    stars: int | None
    next: tuple[Next, ...]
    said: Said
    created_at: datetime
    updated_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class Totals:
    """What an event's feedback comes to. stars: how many gave 1, 2, … 5; next: how many chose what."""

    event_id: str
    stars: tuple[int, ...] = (0,) * MOST_STARS
    next: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.stars)

    @property
    def mean(self) -> float | None:
        """None where nobody gave any."""
        if not self.count:
            return None
        return sum(many * (place + 1) for place, many in enumerate(self.stars)) / self.count


@dataclass(frozen=True, slots=True)
class FeedbackGiven:
    """was, was_next: what it takes the place of, if anything. said: all the fields of a `Said`."""

    event_id: str
    group_id: str
    member_id: str
    stars: int
    next: tuple[Next, ...]
    was: int | None
    was_next: tuple[Next, ...]
    said: dict[str, Any] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class FeedbackWithdrawn:
    """Who gave it is forgotten."""

    event_id: str
    group_id: str
    member_id: str
    was: int
    was_next: tuple[Next, ...]


Fact = FeedbackGiven | FeedbackWithdrawn


def give(
    event: Event | None,
    before: Feedback | None,
    member_id: str,
    *,
    there: bool,
    stars: int,
    next_: Sequence[Next],
    said: Said,
    now: datetime,
) -> list[Fact] | Refused:
    """Rate the event, or rate it differently; the same again changes nothing. there: whether the member was."""
    if event is None or event.status == "draft":
        return acts.UNKNOWN
    refused = _shut(event, now)
    if refused is not None:
        return refused
    if not there:
        return NOT_THERE
    chosen = tuple(one for one in NEXT if one in next_)
    was, was_next = (None, ()) if before is None else (before.stars, before.next)
    if before is not None and (was, was_next, before.said) == (stars, chosen, said):
        return []
    return [FeedbackGiven(event.id, event.group_id, member_id, stars, chosen, was, was_next, asdict(said))]


def _shut(event: Event, now: datetime) -> Refused | None:
    if event.status == "cancelled":
        return acts.CANCELLED
    if now < event.times.ends:
        return NOT_OPEN
    return CLOSED if now >= event.times.ends + OPEN_FOR else None


def withdraw(before: Feedback | None) -> list[Fact]:
    """Take it out of what is counted; twice changes nothing."""
    if before is None or before.stars is None:
        return []
    return [FeedbackWithdrawn(before.event_id, before.group_id, before.member_id, before.stars, before.next)]


def evolve(before: Feedback | None, fact: Fact, now: datetime) -> Feedback:
    """The feedback after the fact."""
    if isinstance(fact, FeedbackGiven):
        said, version = Said(**fact.said), 1 if before is None else before.version + 1
        made = now if before is None else before.created_at
        ids = (fact.event_id, fact.group_id, fact.member_id)
        return Feedback(*ids, fact.stars, fact.next, said, made, now, version)
    if before is None:
        raise ValueError("what nobody gave is not withdrawn")
    return replace(before, stars=None, next=(), said=Said(), updated_at=now, version=before.version + 1)


def counted(totals: Totals, fact: Fact) -> Totals:
    """What it comes to after the fact."""
    stars, chosen = list(totals.stars), dict(totals.next)
    if fact.was is not None:
        stars[fact.was - 1] -= 1
    for one in fact.was_next:
        chosen[one] -= 1
    if isinstance(fact, FeedbackGiven):
        stars[fact.stars - 1] += 1
        for one in fact.next:
            chosen[one] = chosen.get(one, 0) + 1
    return Totals(totals.event_id, tuple(stars), {one: many for one, many in chosen.items() if many})
