"""A mail on the wire."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address

import pytest

from notifications_service.texts import Letter
from notifications_service.workers.letter import wire

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
SENDER = Address("Convene", addr_spec="no-reply@convene.test")


def sent(**changes: str) -> bytes:
    letter = Letter("Grüße 🎉", "Text mit Umlauten: äöü\n" + "x" * 2000, "<p>äöü</p>" + "y" * 2000)
    named = {"delivery": "abc", "recipient": "ada@example.org", "list_id": "moms.groups.test", "list_name": "Moms"}
    return wire(letter, sender=SENDER, written_at=AT, **{**named, **changes})


def test_a_mail_says_who_and_what_it_is_in_text_and_html() -> None:
    mail = message_from_bytes(sent(), policy=policy.default)
    assert mail["Message-ID"] == "<abc@convene.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "Grüße 🎉"
    assert mail["From"] == "Convene <no-reply@convene.test>"
    assert mail["Date"] == "Fri, 01 May 2026 12:00:00 +0000"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["Text mit Umlauten: äöü", "x" * 2000]
    assert html.get_content().startswith("<p>äöü</p>")


def test_the_wire_is_plain_ascii_in_short_lines() -> None:
    lines = sent(list_name='Grüppe "A"\r\nBcc: eve@example.org').split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert all(line.isascii() and b"\n" not in line for line in lines)
    assert not any(line.startswith(b"Bcc") for line in lines)


@pytest.mark.parametrize("recipient", ["nobody", "a@b\r\nBcc: eve@example.org", "a b@example.org"])
def test_what_is_no_address_is_not_written_to(recipient: str) -> None:
    with pytest.raises(ValueError):
        sent(recipient=recipient)
