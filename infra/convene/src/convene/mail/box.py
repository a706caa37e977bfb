"""Where caught mail is kept."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

MOST = 10_000
MOST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived. ``recipients`` are the envelope's; ``number`` counts from 1 and is never reused."""

    number: int
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    def parsed(self) -> EmailMessage:
        """Headers and parts."""
        return message_from_bytes(self.raw, policy=policy.default)

    def summary(self) -> dict[str, Any]:
        """For lists."""
        message = self.parsed()
        return {
            "id": self.number,
            "at": self.at.isoformat(),
            "from": self.sender,
            "to": list(self.recipients),
            "subject": str(message.get("Subject", "")),
            "message_id": str(message.get("Message-ID", "")),
        }

    def whole(self) -> dict[str, Any]:
        """Summary, headers and the text and HTML parts (None where there is none)."""
        message = self.parsed()
        return {
            **self.summary(),
            "headers": [[name, str(value)] for name, value in message.items()],
            "text": _content(message, "plain"),
            "html": _content(message, "html"),
        }


class Box:
    """The newest mails, at most 10,000 and 100 MB; ``total`` counts those that were dropped too."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._mails: deque[Mail] = deque()
        self._bytes = 0
        self.total = 0

    def add(self, at: datetime, sender: str, recipients: tuple[str, ...], raw: bytes) -> Mail:
        """Keep a mail, dropping the oldest beyond the bounds."""
        self.total += 1
        mail = Mail(self.total, at, sender, recipients, raw)
        self._mails.append(mail)
        self._bytes += len(raw)
        while len(self._mails) > self._most or self._bytes > self._most_bytes:
            self._bytes -= len(self._mails.popleft().raw)
        return mail

    def find(self, number: int) -> Mail | None:
        """The mail of this number, None when it is gone or was never there."""
        if not self._mails or not self._mails[0].number <= number <= self._mails[-1].number:
            return None
        return self._mails[number - self._mails[0].number]

    def newest(self, *, to: str = "", after: int = 0, limit: int = 100) -> list[Mail]:
        """Newest first; ``to`` is one recipient's address, ``after`` a number that all are above."""
        found: list[Mail] = []
        for mail in reversed(self._mails):
            if mail.number <= after or len(found) == limit:
                break
            if not to or to.casefold() in (recipient.casefold() for recipient in mail.recipients):
                found.append(mail)
        return found

    def empty(self) -> None:
        """Forget all; numbers go on."""
        self._mails.clear()
        self._bytes = 0


def _content(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    return None if part is None else str(part.get_content())
