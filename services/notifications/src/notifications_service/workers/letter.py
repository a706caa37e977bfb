"""A mail as it goes over the wire."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from notifications_service.texts import Letter

_WIRE = SMTP.clone(cte_type="7bit")  # every server takes it; nothing depends on 8BITMIME


def wire(
    letter: Letter,
    *,
    delivery: str,
    sender: Address,
    recipient: str,
    list_id: str,
    list_name: str,
    written_at: datetime,
) -> bytes:
    """RFC 5322 bytes, text and HTML.

    The same delivery has the same Message-ID however often it is sent, so that a repeat can be told from a second mail.
    list_id: without angle brackets (RFC 2919). Raises ValueError for a recipient that is no address.
    """
    mail = EmailMessage(policy=_WIRE)
    mail["Message-ID"] = f"<{delivery}@{sender.domain}>"
    mail["Date"] = format_datetime(written_at)
    mail["From"] = sender
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = letter.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"{_phrase(list_name)} <{list_id}>"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail.as_bytes()


def _phrase(text: str) -> str:
    """An RFC 5322 quoted phrase of what a group is called."""
    plain = " ".join(text.split()).replace("\\", "").replace('"', "'")
    return f'"{plain}"'
