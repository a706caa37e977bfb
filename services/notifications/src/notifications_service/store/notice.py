"""Notices as documents: a line in the inbox and, for who can be reached, a mail to send.

A line's id begins with its member and the time it speaks of, so that one range is one member's inbox in order and no
second index is needed. All ids follow from the notice: writing it again changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from chassis.ids import derived_id
from chassis.mongo import Document
from notifications_service.domain.delivery import Pace, pace
from notifications_service.domain.notice import Notice
from notifications_service.handlers.inbox import inbox_of
from notifications_service.store.people import People

INBOX = "inbox"
MAILS = "mails"


def line_id(notice: Notice) -> str:
    """`<member>.<milliseconds>.<digest>`, all of fixed length; a member's newer line has the greater id."""
    cause = notice.cause
    digest = derived_id(cause.topic, cause.subject, str(cause.sequence), notice.kind, notice.recipient)[:16]
    return f"{inbox_of(notice.recipient)}{_milliseconds(cause.at):012x}.{digest}"


def mail_id(line: str) -> str:
    """The delivery's id, which the Message-ID is made of."""
    return derived_id("mail", line)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def line_of(notice: Notice) -> Document:
    """The notice as its recipient's inbox has it."""
    return {"_id": line_id(notice), "member_id": notice.recipient, **content_of(notice)}


def mail_of(notice: Notice, trace: str | None) -> Document:
    """The notice as a mail that nobody has tried to send yet."""
    line = line_id(notice)
    content = {"_id": mail_id(line), "line": line, "member_id": notice.recipient, **content_of(notice)}
    return waiting_mail(content, pace=pace(notice.kind), due_at=notice.cause.at, trace=trace or notice.cause.trace)


def waiting_mail(content: Document, *, pace: Pace, due_at: datetime, trace: str | None) -> Document:
    """A mail nobody has tried to send yet. `due_at` is there as long as something is left to do."""
    return {
        **content,
        "pace": pace,
        "state": "waiting",
        "due_at": due_at,
        "trace": trace,
        "attempts": 0,
        "failures": 0,
        "repeats": 0,
    }


def content_of(notice: Notice) -> Document:
    """What lines, mails and what a digest gathers say alike."""
    content: Document = {"kind": str(notice.kind), "at": notice.cause.at}
    if notice.group_id is not None:
        content["group_id"] = notice.group_id
    if notice.event_id is not None:
        content["event_id"] = notice.event_id
    if notice.about is not None:
        content["about"] = notice.about
    if notice.post_id is not None:
        content["post_id"] = notice.post_id
    if notice.details:
        content["details"] = dict(notice.details)
    return content


async def tell(notices: Sequence[Notice], people: People, trace: str | None = None) -> int:
    """Notices into inboxes and, for who has proved an address, into the queue of mails: once each, however often.

    people: of the transaction that this is part of. trace: W3C traceparent of who tells, where that is not the notice's
    own cause. Returns how many of them are told.
    """
    told = await people.hearing(notices)
    for notice in told:
        people.effects.insert_once(INBOX, line_of(notice))
        if notice.recipient in people.by_mail:
            people.effects.insert_once(MAILS, mail_of(notice, trace))
    return len(told)
