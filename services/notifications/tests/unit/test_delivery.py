"""When a mail is sent again, and when not at all."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications_service.domain.delivery import (
    LOOK_FOR_EVENT,
    RETRY_AFTER,
    Again,
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
    ("kind", "age", "cancelled", "why"),
    [
        (Kind.EVENT_ANNOUNCED, timedelta(), True, "superseded"),
        (Kind.EVENT_CHANGED, timedelta(), True, "superseded"),
        (Kind.EVENT_CANCELLED, timedelta(), True, None),
        (Kind.RSVP_CONFIRMED, timedelta(days=6), False, None),
        (Kind.RSVP_CONFIRMED, timedelta(days=8), False, "stale"),
    ],
)
def test_a_mail_is_judged_by_what_is_true_when_it_is_sent(
    kind: Kind, age: timedelta, cancelled: bool, why: str | None
) -> None:
    found = unless_worthless(kind, happened_at=NOW - age, now=NOW, event_cancelled=cancelled)
    assert found == (None if why is None else Dropped(why))


def test_a_mail_to_one_goes_before_a_mail_to_thousands() -> None:
    assert {kind for kind in Kind if pace(kind) == "bulk"} == {
        Kind.EVENT_ANNOUNCED,
        Kind.EVENT_CHANGED,
        Kind.EVENT_CANCELLED,
        Kind.NETWORK_EVENT,
        Kind.SERIES_CHANGED,
        Kind.SERIES_CANCELLED,
    }
