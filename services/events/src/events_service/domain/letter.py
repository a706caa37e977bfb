"""Letters: what leaders and hosts write to those who come to an event, or wait for a place."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from events_service.domain import acts
from events_service.domain.comment import Text
from events_service.domain.permission import Action
from events_service.domain.refusal import Refused
from events_service.domain.speaker import Speaker

To = Literal["yes", "waitlist", "offered", "all"]
"""To whom: who stands so when it is sent; `all`: whoever has a place, an offer or a turn."""

MOST_A_DAY: Final = 5
"""About one event, whoever writes them."""
OPEN_FOR: Final = timedelta(days=30)
"""After the end of the event."""

TOO_MANY: Final = Refused("too-many-letters", f"About one event at most {MOST_A_DAY} messages are sent in 24 hours.")


@dataclass(frozen=True, slots=True)
class Letter:
    """number: its place in what is said about the event. body: Markdown; html: the same, safe to show."""

    id: str
    event_id: str
    group_id: str
    author_id: str
    to: To
    number: int
    body: str
    html: str
    sent_at: datetime
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class LetterSent:
    """text: all the fields of a `Text`."""

    event_id: str
    group_id: str
    letter_id: str
    number: int
    author_id: str
    to: To
    text: dict[str, Any] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class LetterWithdrawn:
    """Its author is forgotten: what it said is gone."""

    event_id: str
    group_id: str
    letter_id: str
    author_id: str


Fact = LetterSent | LetterWithdrawn


def of_the_day(sent: Sequence[datetime], now: datetime) -> tuple[datetime, ...]:
    """Which of those were sent in the last 24 hours."""
    return tuple(at for at in sent if at > now - timedelta(days=1))


def send(
    speaker: Speaker, *, letter_id: str, to: To, text: Text, number: int, sent: Sequence[datetime], now: datetime
) -> list[Fact] | Refused:
    """Write to those who come, also of a cancelled event and for a time after its end; leaders and hosts only.

    sent: when earlier ones about the event were.
    """
    event = speaker.event
    refused = speaker.unheard()
    if refused is not None:
        return refused
    if not speaker.may(Action.WRITE_TO_PEOPLE):
        return acts.NOT_ALLOWED
    if now >= event.times.ends + OPEN_FOR:
        return acts.PAST
    if len(of_the_day(sent, now)) >= MOST_A_DAY:
        return TOO_MANY
    return [LetterSent(event.id, event.group_id, letter_id, number, speaker.id, to, asdict(text))]


def withdraw(letter: Letter | None) -> list[Fact]:
    """Nothing of it stays but that there was one; twice changes nothing."""
    if letter is None or letter.withdrawn:
        return []
    return [LetterWithdrawn(letter.event_id, letter.group_id, letter.id, letter.author_id)]


def evolve(letter: Letter | None, fact: Fact, now: datetime) -> Letter:
    """The letter after the fact."""
    if isinstance(fact, LetterSent):
        body, html = fact.text["body"], fact.text["html"]
        ids = (fact.letter_id, fact.event_id, fact.group_id, fact.author_id)
        return Letter(*ids, fact.to, fact.number, body, html, sent_at=now)
    if letter is None:
        raise ValueError("a letter's first fact is that it was sent")
    return replace(letter, body="", html="", withdrawn=True)
