"""What is said about an event: the aggregate that decides it, and what its decisions know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chassis.journal.command import Command
from events_service.domain import comment as comments
from events_service.domain import letter as letters
from events_service.domain.comment import Comment, Text
from events_service.domain.letter import Letter
from events_service.domain.speaker import Speaker
from events_service.domain.talk import Fact, Talk, evolve


def talk_aggregate(event_id: str) -> str:
    return f"talk:{event_id}"


@dataclass(frozen=True, slots=True)
class Discussion:
    """What a decision about what is said needs to know.

    comments: those in question, by id; letter: the one in question. speaker: whoever acts; None where the event or its
    group is unknown.
    """

    talk: Talk
    comments: Mapping[str, Comment] = field(default_factory=dict)
    letter: Letter | None = None
    speaker: Speaker | None = None


def text_of(command: Command) -> Text:
    body = command.body
    return Text(body["body"], body["html"], body["excerpt"])


def author_of(command: Command) -> str:
    """Whose text a command holds: nobody but its author ever sends it."""
    return command.actor or ""


def discussed(discussion: Discussion, facts: Sequence[Fact], now: datetime) -> Discussion:
    """What is said after the facts."""
    talk, known, letter = discussion.talk, discussion.comments, discussion.letter
    for fact in facts:
        talk = evolve(talk, fact, now)
        if isinstance(fact, letters.Fact):
            letter = letters.evolve(letter, fact, now)
        else:
            known = comments.evolve(known, fact, now)
    return replace(discussion, talk=talk, comments=known, letter=letter)
