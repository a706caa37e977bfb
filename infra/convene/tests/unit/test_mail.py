"""The mail catcher's box is bounded, counts all, and finds what a test looks for."""

from datetime import UTC, datetime
from email.message import EmailMessage

from convene.mail.box import Box

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def letter(subject: str, text: str = "Hello", html: str = "") -> bytes:
    """A mail as bytes."""
    message = EmailMessage()
    message["Subject"] = subject
    message["Message-ID"] = "<1@example.org>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return bytes(message)


def test_both_parts_and_the_envelope_are_shown() -> None:
    mail = Box().add(NOON, "from@example.org", ("ada@example.org",), letter("Grüße", "plain", "<p>rich</p>"))
    whole = mail.whole()
    assert (whole["from"], whole["to"], whole["subject"]) == ("from@example.org", ["ada@example.org"], "Grüße")
    assert (whole["text"].strip(), whole["html"].strip()) == ("plain", "<p>rich</p>")
    assert ["Subject", "Grüße"] in whole["headers"]


def test_newest_first_by_recipient_and_after_a_number() -> None:
    box = Box()
    for number, to in enumerate(["ada", "bo", "ada", "ADA"], start=1):
        box.add(NOON, "", (f"{to}@example.org",), letter(str(number)))
    assert [mail.number for mail in box.newest(to="ada@example.org")] == [4, 3, 1]
    assert [mail.number for mail in box.newest(after=2)] == [4, 3]
    assert [mail.number for mail in box.newest(limit=1)] == [4]


def test_the_oldest_are_dropped_and_still_counted() -> None:
    box = Box(most=2)
    for number in range(5):
        box.add(NOON, "", ("a",), letter(str(number)))
    assert [mail.number for mail in box.newest()] == [5, 4]
    assert box.total == 5
    assert box.find(1) is None
    found = box.find(4)
    assert found is not None
    assert found.number == 4


def test_large_mails_push_out_others() -> None:
    box = Box(most_bytes=1000)
    box.add(NOON, "", ("a",), b"x" * 600)
    box.add(NOON, "", ("a",), b"y" * 600)
    assert [mail.number for mail in box.newest()] == [2]


def test_numbers_go_on_after_emptying() -> None:
    box = Box()
    box.add(NOON, "", ("a",), letter("one"))
    box.empty()
    assert box.newest() == []
    assert box.find(1) is None
    assert box.add(NOON, "", ("a",), letter("two")).number == 2


def test_what_is_no_proper_mail_is_shown_all_the_same() -> None:
    whole = Box().add(NOON, "", (), b"\xff\xfe not a mail at all").whole()
    assert whole["subject"] == ""
