"""When a mail is sent again, and when not at all."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications_service.domain.delivery import (
    LOOK_FOR_EVENT,
    RETRY_AFTER,
    Again,
    Circumstances,
    Dropped,
    after_refusal,
    after_silence,
    pace,
    unless_worthless,
    wait_for_subject,
)
from notifications_service.domain.notice import Kind

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_temporary_refusal_is_tried_about_two_days() -> None:
    pauses = []
    for attempt in range(1, len(RETRY_AFTER) + 1):
        step = after_refusal(451, attempt, 0.0)
        assert isinstance(step, Again)
        pauses.append(step.after)
    assert pauses == sorted(pauses)
    assert timedelta(days=1.5) < sum(pauses, timedelta()) < timedelta(days=2)
    assert after_refusal(451, len(RETRY_AFTER) + 1, 0.0) == Dropped("exhausted")


def test_a_final_refusal_is_final() -> None:
    assert after_refusal(550, 1, 0.5) == Dropped("refused")


def test_jitter_lengthens_a_pause_by_at_most_a_fifth() -> None:
    assert after_refusal(450, 2, 1.0) == Again(timedelta(seconds=36))


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.5), (2, 1), (3, 2), (7, 30), (5000, 30)])
def test_a_silent_server_is_asked_ever_more_rarely(failures: int, seconds: float) -> None:
    assert after_silence(failures, 0.0) == timedelta(seconds=seconds)


def test_a_mail_waits_for_its_event_but_not_for_ever() -> None:
    waited, looks = timedelta(), 0
    while (pause := wait_for_subject(waited)) is not None:
        waited, looks = waited + pause, looks + 1
    assert LOOK_FOR_EVENT <= waited < 2 * LOOK_FOR_EVENT
    assert looks < 40


@pytest.mark.parametrize(
    ("kind", "as_is", "why"),
    [
        (Kind.EVENT_ANNOUNCED, Circumstances(event_cancelled=True), "superseded"),
        (Kind.EVENT_CHANGED, Circumstances(event_cancelled=True), "superseded"),
        (Kind.EVENT_CANCELLED, Circumstances(event_cancelled=True), None),
        (Kind.RSVP_OFFER_EXPIRING, Circumstances(event_cancelled=True), "superseded"),
        (Kind.RSVP_OFFER_EXPIRING, Circumstances(until=NOW), "superseded"),
        (Kind.RSVP_OFFER_EXPIRING, Circumstances(until=NOW + timedelta(seconds=1)), None),
        (Kind.RSVP_OFFERED, Circumstances(until=NOW), None),
        (Kind.RSVP_CONFIRMED, Circumstances(event_over=True), "superseded"),
        (Kind.RSVP_PROMOTED, Circumstances(event_over=True), "superseded"),
        (Kind.RSVP_WAITLISTED, Circumstances(event_over=True), "superseded"),
        (Kind.FEEDBACK_ASKED, Circumstances(event_over=True), None),
        (Kind.GROUP_INVITED, Circumstances(standing="active"), "superseded"),
        (Kind.GROUP_INVITED, Circumstances(standing="banned"), "superseded"),
        (Kind.GROUP_INVITED, Circumstances(group_status="closed"), "superseded"),
        (Kind.GROUP_INVITED, Circumstances(standing="left"), None),
        (Kind.GROUP_NEEDS_ORGANIZER, Circumstances(group_status="active"), "superseded"),
        (Kind.GROUP_NEEDS_ORGANIZER, Circumstances(group_status="closed"), "superseded"),
        (Kind.GROUP_NEEDS_ORGANIZER, Circumstances(group_status="frozen"), None),
        (Kind.POST_ANNOUNCED, Circumstances(post_gone=True), "withdrawn"),
        (Kind.POST_MENTIONED, Circumstances(post_gone=True), "withdrawn"),
        (Kind.POST_REPLIED, Circumstances(post_gone=True), "withdrawn"),
        (Kind.GROUP_REMOVED, Circumstances(standing="removed"), None),
        (Kind.JOIN_REFUSED, Circumstances(standing="removed"), None),
        (Kind.JOIN_ASKED, Circumstances(), None),
        (Kind.JOIN_ASKED, Circumstances(standing="active", role="assistant_organizer"), None),
        (Kind.JOIN_ASKED, Circumstances(standing="active", role="event_organizer"), "not-a-member"),
        (Kind.JOIN_ASKED, Circumstances(standing="removed", role="none"), "not-a-member"),
        (Kind.NETWORK_EVENT, Circumstances(standing="active", role="event_organizer"), None),
        (Kind.NETWORK_EVENT, Circumstances(standing="active", role="member"), "not-a-member"),
    ],
)
def test_a_mail_is_judged_by_what_is_true_when_it_is_sent(kind: Kind, as_is: Circumstances, why: str | None) -> None:
    found = unless_worthless(kind, happened_at=NOW, now=NOW, as_is=as_is)
    assert found == (None if why is None else Dropped(why))


@pytest.mark.parametrize(("days", "why"), [(6, None), (8, "stale")])
def test_a_mail_about_something_old_is_not_sent(days: int, why: str | None) -> None:
    found = unless_worthless(
        Kind.RSVP_CONFIRMED, happened_at=NOW - timedelta(days=days), now=NOW, as_is=Circumstances()
    )
    assert found == (None if why is None else Dropped(why))


def test_what_is_for_members_is_not_mailed_to_who_has_left_meanwhile() -> None:
    def kept_from(standing: str | None, *, private: bool = False) -> set[Kind]:
        as_is = Circumstances(standing=standing, group_private=private)
        found = {kind: unless_worthless(kind, happened_at=NOW, now=NOW, as_is=as_is) for kind in Kind}
        return {kind for kind, why in found.items() if why == Dropped("not-a-member")}

    for private in (False, True):
        assert kept_from("active", private=private) == kept_from(None, private=private) == set()
    for_members = {
        Kind.EVENT_ANNOUNCED,
        Kind.GROUP_NEEDS_ORGANIZER,
        Kind.POST_ANNOUNCED,
        Kind.POST_MENTIONED,
        Kind.POST_REPLIED,
    }
    comments = {Kind.COMMENT_MADE, Kind.COMMENT_REPLIED, Kind.COMMENT_MENTIONED}
    for standing in ("left", "none"):
        assert kept_from(standing) == for_members
        assert kept_from(standing, private=True) == for_members | comments
    answers = {Kind.RSVP_CONFIRMED, Kind.RSVP_WAITLISTED}
    of_events = {kind for kind in Kind if kind.startswith(("event.", "series.", "network.", "rsvp."))} - answers
    for standing in ("removed", "banned"):
        said = for_members | comments | of_events | {Kind.MESSAGE_RECEIVED, Kind.FEEDBACK_ASKED}
        assert kept_from(standing) == kept_from(standing, private=True) == said


def test_a_mail_to_one_goes_before_a_mail_to_thousands() -> None:
    assert {kind for kind in Kind if pace(kind) == "bulk"} == {
        Kind.EVENT_ANNOUNCED,
        Kind.EVENT_CHANGED,
        Kind.EVENT_CANCELLED,
        Kind.NETWORK_EVENT,
        Kind.SERIES_CHANGED,
        Kind.SERIES_CANCELLED,
        Kind.GROUP_NEEDS_ORGANIZER,
        Kind.GROUP_WENT_PRIVATE,
        Kind.POST_ANNOUNCED,
        Kind.POST_DIGEST,
        Kind.MESSAGE_RECEIVED,
        Kind.FEEDBACK_ASKED,
    }
