"""What was said about events, in the words that other services read."""

from collections.abc import Iterator
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told
from contracts.events import TalkFact
from events_service.domain.comment import Comment, CommentDeleted, Commented, CommentEdited, Replied
from events_service.domain.letter import LetterSent, LetterWithdrawn
from events_service.domain.talk import Fact
from events_service.handlers.talk import Discussion
from events_service.messages.outgoing import outgoing

_SAID = "convene.events.conversation"


def tell_talk(command: Command, outcome: Outcome[Discussion], now: datetime) -> Told:
    """What was said; who is mentioned hears of it in a message of its own."""
    return Told(messages=[told for fact in outcome.facts for told in _about(outcome.state, fact)])


def _about(after: Discussion, fact: Fact) -> Iterator[Outgoing]:
    match fact:
        case LetterSent():
            yield _outgoing("addressed", TalkFact(**_ids(fact), excerpt=fact.text["excerpt"], to=fact.to, version=1))
        case LetterWithdrawn():
            yield _outgoing("deleted", TalkFact(**_ids(fact), version=2))
        case Commented() | Replied() | CommentEdited() | CommentDeleted():
            yield from _of_comment(after.comments[fact.comment_id], fact)


def _ids(fact: LetterSent | LetterWithdrawn) -> dict[str, str]:
    return {
        "event_id": fact.event_id,
        "group_id": fact.group_id,
        "entry_id": fact.letter_id,
        "author_id": fact.author_id,
    }


def _of_comment(found: Comment, fact: Commented | Replied | CommentEdited | CommentDeleted) -> Iterator[Outgoing]:
    match fact:
        case Commented():
            yield _outgoing("commented", _said(found, fact.text["excerpt"], tells=fact.told))
        case Replied():
            yield _outgoing("replied", _said(found, fact.text["excerpt"], answers=fact.answers))
        case CommentEdited():
            yield _outgoing("edited", _said(found, fact.text["excerpt"]))
        case CommentDeleted():
            yield _outgoing("deleted", _said(found, None))
            return
    if fact.mentioned:
        yield _outgoing("mentioned", _said(found, fact.text["excerpt"], tells=fact.mentioned))


def _said(found: Comment, excerpt: str | None, *, answers: str | None = None, tells: tuple[str, ...] = ()) -> TalkFact:
    return TalkFact(
        event_id=found.event_id,
        group_id=found.group_id,
        entry_id=found.id,
        author_id=found.author_id,
        excerpt=excerpt,
        answers=answers,
        tells=list(tells),
        version=found.version,
    )


def _outgoing(happened: str, body: TalkFact) -> Outgoing:
    return outgoing(body.topic, f"{_SAID}.{happened}.v1", body.event_id, body.entry_id, body.model_dump_json())
