"""What is said about an event as one whole: how much there is of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from events_service.domain.comment import CommentDeleted, Commented, CommentEdited, Replied
from events_service.domain.letter import LetterSent, LetterWithdrawn, of_the_day

Fact = Commented | Replied | CommentEdited | CommentDeleted | LetterSent | LetterWithdrawn


@dataclass(frozen=True, slots=True)
class Talk:
    """Of an event. comments: how many there are, replies too, without those deleted; last_number: of the last thing
    that was ever said; letters: when those of the last day were sent."""

    event_id: str
    comments: int = 0
    last_number: int = 0
    letters: tuple[datetime, ...] = ()


def evolve(talk: Talk, fact: Fact, now: datetime) -> Talk:
    """What there is after the fact."""
    match fact:
        case Commented(number=number) | Replied(number=number):
            return replace(talk, comments=talk.comments + 1, last_number=number)
        case CommentDeleted():
            return replace(talk, comments=talk.comments - 1)
        case LetterSent(number=number):
            return replace(talk, last_number=number, letters=(*of_the_day(talk.letters, now), now))
    return talk
