"""Commands about letters to those who come to an event, and how they are decided."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from chassis.times import when
from events_service.domain import acts, letter
from events_service.domain.letter import To
from events_service.domain.refusal import Refused
from events_service.handlers.answer import Answer
from events_service.handlers.comment import with_text
from events_service.handlers.talk import Discussion, author_of, discussed, talk_aggregate, text_of

SEND: Final = "letter.send"
WITHDRAW: Final = "letter.withdraw"

WRITES: Final = Personal(
    author_of, body=("body", "html", "excerpt"), answer=("body", "html"), topics=("events.conversation.v1",)
)
"""What leaders and hosts write; each sends their own alone."""


async def send(journal: Journal, ask: Ask, event_id: str, *, to: To, body: str) -> Result:
    """Write to those who come to an event, or wait for a place."""
    given = {"event_id": event_id, "to": to, "body": body}
    return await journal.run(await with_text(ask(name=SEND, aggregate=talk_aggregate(event_id), body=given), body))


def withdraw(found: Mapping[str, Any]) -> Command:
    """Of somebody who is forgotten. found: its document."""
    event_id, id_ = found["event_id"], derived_id("erase", found["_id"])
    body = {"event_id": event_id, "letter_id": found["_id"]}
    return Command(id_, WITHDRAW, talk_aggregate(event_id), body, actor=found["author_id"])


def letter_id_of(command: Command) -> str:
    """The letter that a command is about; the new one where it sends one."""
    if command.name == SEND:
        return derived_id("letter", command.id)
    letter_id: str = command.body["letter_id"]
    return letter_id


def decide_send(discussion: Discussion, command: Command, now: datetime) -> Outcome[Discussion]:
    speaker, talk = discussion.speaker, discussion.talk
    if speaker is None:
        return refused(discussion, acts.UNKNOWN)
    facts = letter.send(
        speaker,
        letter_id=letter_id_of(command),
        to=command.body["to"],
        text=text_of(command),
        number=talk.last_number + 1,
        sent=talk.letters,
        now=now,
    )
    if isinstance(facts, Refused):
        return refused(discussion, facts)
    after = discussed(discussion, facts, now)
    if after.letter is None:
        raise ValueError("what was sent is a letter")
    return Outcome(after, facts, letter_answer(asdict(after.letter)), created=True)


def decide_withdraw(discussion: Discussion, command: Command, now: datetime) -> Outcome[Discussion]:
    facts = letter.withdraw(discussion.letter)
    return Outcome(discussed(discussion, facts, now), facts)


def letter_answer(found: Mapping[str, Any]) -> Answer:
    """What callers are told of a letter, from its fields. What was sent is never changed."""
    return {
        "message_id": found["id"],
        **{name: found[name] for name in ("event_id", "group_id", "author_id", "to", "number", "body", "html")},
        "version": 1,
        "created_at": when(found["sent_at"]),
        "updated_at": when(found["sent_at"]),
    }
