"""Every kind has words in every locale, and nothing members wrote becomes markup."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from notifications_service.domain.notice import Kind
from notifications_service.texts import SOMEBODY, EventFacts, Said, Subject, Texts

TEXTS = Texts()
EVENT = EventFacts("Tea & <b>Rust</b> {{ 7 * 7 }}", datetime(2026, 12, 1, 17, 30, tzinfo=UTC), "Europe/Berlin", "Café")
WORDS = "Bring <b>cake</b> & {{ 7 * 7 }}"
FULL = Subject(
    EVENT,
    "Moms",
    "Ada",
    {"guests": 2, "position": 3, "changed": ["starts_at", "odd"], "fell": 2, "back": 1},
    excerpt=WORDS,
    gathered=(Said("Moms", "Ada", WORDS), Said()),
)
KINDS = [*map(str, Kind), "contact.verify"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", TEXTS.locales)
@pytest.mark.parametrize("subject", [FULL, Subject()])
def test_every_kind_has_all_its_words(kind: str, locale: str, subject: Subject) -> None:
    letter = TEXTS.letter(kind, locale, subject, "https://site.test/x?a=1&b=2")
    assert letter.subject
    assert "\n" not in letter.subject
    assert "https://site.test/x?a=1&b=2" in letter.text
    assert 'href="https://site.test/x?a=1&amp;b=2"' in letter.html
    assert TEXTS.line(kind, locale, subject)
    for text in (letter.subject, letter.text, letter.html, TEXTS.line(kind, locale, subject)):
        for slip in ("None", "{%", "Undefined", *(("<b>Rust", "<b>cake") if text is letter.html else ("&amp;",))):
            assert slip not in text, slip
    for text in (letter.subject[:1], TEXTS.line(kind, locale, subject)[:1]):
        assert text.isupper()


def test_what_members_wrote_is_text() -> None:
    letter = TEXTS.letter("rsvp.confirmed", "en", FULL, None)
    assert "Tea & <b>Rust</b> {{ 7 * 7 }}" in letter.subject
    assert "Tea &amp; &lt;b&gt;Rust&lt;/b&gt; {{ 7 * 7 }}" in letter.html
    assert "<a " not in letter.html


def test_a_title_cannot_add_a_header() -> None:
    sly = replace(EVENT, title="Tea\r\nBcc: eve@example.org")
    assert TEXTS.letter("rsvp.confirmed", "en", Subject(sly), None).subject == "You are going: Tea Bcc: eve@example.org"


def test_times_are_the_events_own() -> None:
    text = TEXTS.letter("rsvp.waitlisted", "en", FULL, None).text
    assert "Tuesday, December 1, 2026, 6:30" in text
    assert "(Europe/Berlin)" in text
    assert "You and 2 guests are on the waitlist, number 3 in line." in text


def test_an_offer_says_until_when_it_holds() -> None:
    offered = Subject(EVENT, "Moms", None, {"guests": 1, "until": "2026-11-30T06:00:00+00:00"})
    assert "until Monday, November 30, 2026, 7:00" in TEXTS.letter("rsvp.offered", "en", offered, None).text
    assert "until Monday, November 30, 2026, 7:00" in TEXTS.line("rsvp.offered", "en", offered)


RSVPS = sorted(str(kind) for kind in Kind if kind.startswith("rsvp."))


@pytest.mark.parametrize("kind", RSVPS)
@pytest.mark.parametrize(
    ("event", "place", "where"),
    [
        (replace(EVENT, online=True), "online", "Where: online, by the link"),
        (replace(EVENT, online=True), "physical", "Where: Café\n"),
        (replace(EVENT, online=True), None, "Where: Café, or online\n"),
        (replace(EVENT, where="", online=True), None, "Where: online, by the link"),
        (EVENT, None, "Where: Café\n"),
    ],
)
def test_a_mail_about_an_rsvp_says_where_it_is_for(kind: str, event: EventFacts, place: str | None, where: str) -> None:
    details = {} if place is None else {"place": place}
    said = Subject(event, "Moms", None, details)
    assert where in TEXTS.letter(kind, "en", said, None).text + "\n"
    assert (" online" in TEXTS.line(kind, "en", said)) == (place == "online")


@pytest.mark.parametrize("kind", ["rsvp.confirmed", "rsvp.promoted"])
def test_of_an_event_that_is_over_a_line_says_no_more_that_they_are_going(kind: str) -> None:
    gone_by = Subject(replace(EVENT, title="Tea", over=True), "Moms", None, {"guests": 1})
    line = TEXTS.line(kind, "en", gone_by)
    assert line.startswith("You and one guest had a place at Tea, Tuesday, December 1, 2026, 6:30")
    assert "are going to" in TEXTS.line(kind, "en", FULL)


def test_changed_fields_have_names() -> None:
    assert "has changed (start, odd)" in TEXTS.letter("event.changed", "en", FULL, None).text


def test_a_series_says_how_many_dates_were_called_off() -> None:
    line = TEXTS.line("series.changed", "en", FULL)
    assert line.endswith("have changed: start, odd. 2 dates were called off. One date takes place after all.")
    assert "called off" not in TEXTS.line("series.changed", "en", Subject(EVENT))


def test_a_series_says_that_dates_take_place_after_all() -> None:
    several = Subject(EVENT, "Moms", None, {"changed": [], "fell": 0, "back": 3})
    for said in (TEXTS.line("series.changed", "en", several), TEXTS.letter("series.changed", "en", several, None).text):
        assert "3 dates take place after all." in said
    assert "after all" not in TEXTS.line("series.changed", "en", Subject(EVENT))


def test_an_offer_that_ends_says_when() -> None:
    held = Subject(EVENT, "Moms", None, {"guests": 1, "until": "2026-11-30T06:00:00+00:00"})
    assert "after Monday, November 30, 2026, 7:00" in TEXTS.letter("rsvp.offer-expiring", "en", held, None).text
    assert "after Monday, November 30, 2026, 7:00" in TEXTS.line("rsvp.offer-expiring", "en", held)


@pytest.mark.parametrize(("status", "draft"), [("draft", True), ("published", False)])
def test_a_network_event_says_whether_it_is_a_draft(status: str, draft: bool) -> None:
    subject = Subject(EVENT, "Moms", None, {"status": status})
    assert ("It is a draft." in TEXTS.line("network.event", "en", subject)) is draft
    assert ("It is a draft." in TEXTS.letter("network.event", "en", subject, None).text) is draft


@pytest.mark.parametrize("wanted", ["en", "en-GB", "en_US", "tlh", "", "x-" + "y" * 500, "../../etc"])
def test_an_unknown_locale_falls_back(wanted: str) -> None:
    assert TEXTS.locale(wanted) == "en"


def test_the_page_asks_then_says_what_happened() -> None:
    assert "<form" in TEXTS.verify_page("en", "ask")
    assert "<form" not in TEXTS.verify_page("en", "done")
    assert "&lt;script&gt;" in TEXTS.verify_page("en", "failed", "<script>")


def details(**values: object) -> Subject:
    return Subject(EVENT, "Moms", "Ada", values, timezone="America/New_York")


def test_a_ban_reads_like_being_removed() -> None:
    letter = TEXTS.letter("group.removed", "en", details(), None)
    assert letter.subject == TEXTS.line("group.removed", "en", details())[:-1] == "You are no longer a member of Moms"
    assert letter.text.split("\n-- \n")[0].strip() == "You are no longer a member of Moms."


@pytest.mark.parametrize(
    ("role", "line"),
    [
        ("organizer", "You are now the organizer of Moms."),
        ("co_organizer", "You are now a co-organizer of Moms."),
        ("assistant_organizer", "You are now an assistant organizer of Moms."),
        ("event_organizer", "You are now an event organizer of Moms."),
        ("member", "You have no special role in Moms any more."),
        ("treasurer", "You are now a leader of Moms."),
    ],
)
def test_roles_have_names(role: str, line: str) -> None:
    assert TEXTS.line("role.changed", "en", details(role=role)) == line


def test_who_could_not_join_by_an_rsvp_hears_why_and_what_it_means() -> None:
    line = TEXTS.line("join.refused", "en", details(reason="group-closed"))
    assert line.startswith("You could not join Moms: it is closed. So you have no place at Tea & <b>Rust</b>")
    assert TEXTS.line("join.refused", "en", details()) == "Your request to join Moms was not approved."


def test_deadlines_are_told_in_the_groups_own_time() -> None:
    times = {"freezes_at": "2026-12-01T17:30:00+00:00", "closes_at": "2026-12-16T17:30:00+00:00"}
    text = " ".join(TEXTS.letter("group.needs-organizer", "en", details(**times), None).text.split())
    assert "If nobody does until Tuesday, December 1, 2026, 12:30\u202fPM (America/New_York)," in text.replace(
        "12:30 PM", "12:30\u202fPM"
    )
    assert "The group closes on Wednesday, December 16, 2026" in text
    invited = TEXTS.letter("group.invited", "en", details(expires_at=times["closes_at"]), None)
    assert "holds until Wednesday, December 16, 2026" in invited.text


def test_what_was_said_is_quoted_as_text_or_left_out() -> None:
    letter = TEXTS.letter("post.mentioned", "en", FULL, None)
    assert "Ada mentioned you in Moms:\n\nBring <b>cake</b> & {{ 7 * 7 }}\n" in letter.text
    assert "<p>Bring &lt;b&gt;cake&lt;/b&gt; &amp; {{ 7 * 7 }}</p>" in letter.html
    assert TEXTS.line("post.replied", "en", FULL) == f"Ada replied to you in Moms: {WORDS}"
    assert TEXTS.line("post.replied", "en", details()) == "Ada replied to you in Moms."


def test_who_is_mentioned_without_a_known_name_is_somebody() -> None:
    said = Subject(EVENT, "Moms", "Ada", excerpt=f"{SOMEBODY} and @Bo, come")
    assert TEXTS.line("post.replied", "en", said) == "Ada replied to you in Moms: @somebody and @Bo, come"
    assert "\n\n@somebody and @Bo, come\n" in TEXTS.letter("post.replied", "en", said, None).text


def test_a_digest_has_each_announcement_it_took_up() -> None:
    one, two = Said("Moms", "Ada", "First words"), Said("Dads", None, None)
    letter = TEXTS.letter("post.digest", "en", Subject(gathered=(one, two)), None)
    assert letter.subject == "Announcements in your groups"
    assert "Ada announced in Moms:\n\nFirst words\n\nSomebody announced in Dads.\n" in letter.text
    assert "<p>First words</p>" in letter.html
    single = TEXTS.letter("post.digest", "en", Subject(gathered=(one,)), None)
    assert single.subject == "Announcement in Moms"
