"""Commands about feedback on events, and how they are decided."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from chassis.times import when
from events_service.domain import feedback as feedbacks
from events_service.domain.event import Event
from events_service.domain.feedback import Feedback, Next, Said, Totals, counted, evolve
from events_service.domain.refusal import Refused
from events_service.handlers.answer import Answer

GIVE: Final = "feedback.give"
WITHDRAW: Final = "feedback.withdraw"

OWN: Final = Personal(lambda command: command.actor or "", body=("text", "next_text"), answer=("text", "next_text"))
"""What people say of an event is theirs."""


def feedback_aggregate(event_id: str) -> str:
    return f"feedback:{event_id}"


@dataclass(frozen=True, slots=True)
class Review:
    """What a decision about one person's feedback needs. there: whether they were, once it is over."""

    event: Event | None
    totals: Totals
    feedback: Feedback | None
    there: bool


async def give(
    journal: Journal, ask: Ask, event_id: str, *, stars: int, next_: Sequence[Next], text: str, next_text: str
) -> Result:
    """What the caller makes of an event they were at."""
    body = {"event_id": event_id, "stars": stars, "next": list(next_), "text": text, "next_text": next_text}
    return await journal.run(ask(name=GIVE, aggregate=feedback_aggregate(event_id), body=body))


def withdraw(found: Mapping[str, Any]) -> Command:
    """Of somebody who is forgotten. found: its document."""
    event_id, member_id = found["event_id"], found["member_id"]
    id_ = derived_id("erase", found["_id"], str(found["version"]))
    return Command(id_, WITHDRAW, feedback_aggregate(event_id), {"event_id": event_id}, actor=member_id)


def version_of(review: Review, command: Command) -> int:
    """What there is, 0 for nothing."""
    return 0 if review.feedback is None else review.feedback.version


def decide_give(review: Review, command: Command, now: datetime) -> Outcome[Review]:
    body = command.body
    facts = feedbacks.give(
        review.event,
        review.feedback,
        command.actor or "",
        there=review.there,
        stars=body["stars"],
        next_=body["next"],
        said=Said(body["text"], body["next_text"]),
        now=now,
    )
    return replace(_outcome(review, facts, now), created=not isinstance(facts, Refused) and review.feedback is None)


def decide_withdraw(review: Review, command: Command, now: datetime) -> Outcome[Review]:
    return _outcome(review, feedbacks.withdraw(review.feedback), now)


def feedback_answer(found: Mapping[str, Any]) -> Answer:
    """What somebody made of an event, from its fields."""
    return {
        "event_id": found["event_id"],
        "member_id": found["member_id"],
        "stars": found["stars"],
        "next": list(found["next"]),
        **{name: found["said"][name] for name in ("text", "next_text")},
        "version": found["version"],
        "created_at": when(found["created_at"]),
        "updated_at": when(found["updated_at"]),
    }


def _outcome(review: Review, facts: Sequence[feedbacks.Fact] | Refused, now: datetime) -> Outcome[Review]:
    if isinstance(facts, Refused):
        return refused(review, facts)
    feedback, totals = review.feedback, review.totals
    for fact in facts:
        feedback, totals = evolve(feedback, fact, now), counted(totals, fact)
    after = replace(review, feedback=feedback, totals=totals)
    return Outcome(after, facts, {} if feedback is None else feedback_answer(asdict(feedback)))
