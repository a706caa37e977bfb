"""How events were rated, in the words that other services read: stars alone, no words."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told
from contracts.events import FeedbackFact
from events_service.domain.feedback import Fact, FeedbackWithdrawn
from events_service.handlers.feedback import Review
from events_service.messages.outgoing import outgoing

_RATED = "convene.events.feedback"


def tell_feedback(command: Command, outcome: Outcome[Review], now: datetime) -> Told:
    """What changed of what the event's ratings come to; other words or wishes for the same stars do not."""
    return Told(messages=list(_about(outcome.facts)))


def _about(facts: Sequence[Fact]) -> Iterator[Outgoing]:
    for fact in facts:
        ids = {"event_id": fact.event_id, "group_id": fact.group_id, "member_id": fact.member_id}
        if isinstance(fact, FeedbackWithdrawn):
            yield _outgoing("withdrawn", FeedbackFact(**ids, was=fact.was))
        elif fact.was is None:
            yield _outgoing("given", FeedbackFact(**ids, stars=fact.stars))
        elif fact.was != fact.stars:
            yield _outgoing("changed", FeedbackFact(**ids, stars=fact.stars, was=fact.was))


def _outgoing(happened: str, body: FeedbackFact) -> Outgoing:
    key = f"{body.event_id}:{body.member_id}"
    return outgoing(body.topic, f"{_RATED}.{happened}.v1", body.event_id, key, body.model_dump_json())
