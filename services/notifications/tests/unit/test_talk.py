"""Who is told of what was said about an event, and who is asked how it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifications_service.domain.feedback import ask_at, of_ended, was_there
from notifications_service.domain.notice import Cause, EventBefore, Kind, Notice, Spread
from notifications_service.domain.talk import Talked, of_comment, of_letter

AT = datetime(2026, 12, 3, 21, tzinfo=UTC)


def talked(what: str, **more: Any) -> Talked:
    return Talked(**{"what": what, "group": "g", "event": "e", "entry": "c", "author": "bo", **more})


def cause(actor: str | None = "bo", at: datetime = AT) -> Cause:
    return Cause("events.conversation.v1", "e", 4, at, actor)


def told(what: str, actor: str | None = "bo", **more: Any) -> list[Notice]:
    return of_comment(talked(what, **more), cause(actor))


@pytest.mark.parametrize(("what", "kind"), [("commented", Kind.COMMENT_MADE), ("mentioned", Kind.COMMENT_MENTIONED)])
def test_a_comment_tells_the_hosts_and_a_mention_whom_it_names(what: str, kind: Kind) -> None:
    notices = told(what, tells=("hana", "henk"))
    assert [(one.kind, one.recipient, one.about, one.event_id, one.post_id) for one in notices] == [
        (kind, "hana", "bo", "e", "c"),
        (kind, "henk", "bo", "e", "c"),
    ]


def test_a_reply_tells_the_writer_of_what_was_replied_to() -> None:
    [notice] = told("replied", answers="ada")
    assert (notice.kind, notice.recipient) == (Kind.COMMENT_REPLIED, "ada")
    assert told("replied") == []


@pytest.mark.parametrize("what", ["edited", "deleted", "addressed"])
def test_other_news_tells_no_single_person(what: str) -> None:
    assert told(what, tells=("hana",), answers="ada") == []


def test_nobody_is_told_of_their_own_words() -> None:
    assert told("commented", tells=("bo",)) == told("replied", answers="bo") == []
    assert told("commented", actor="ada", tells=("ada",)) == []


@pytest.mark.parametrize(
    ("to", "standing"),
    [
        ("yes", ("yes",)),
        ("waitlist", ("waitlist",)),
        ("offered", ("offered",)),
        ("all", ("offered", "waitlist", "yes")),
    ],
)
def test_a_letter_is_for_those_whose_rsvps_stand_so(to: str, standing: tuple[str, ...]) -> None:
    assert of_letter(talked("addressed", to=to), cause()) == Spread(
        Kind.MESSAGE_RECEIVED, "attendees", cause(), "g", "e", about="bo", post_id="c", standing=standing
    )
    assert of_letter(talked("commented"), cause()) is None


@pytest.mark.parametrize(
    ("ends", "asked"),
    [
        ("2026-12-03T10:30+01:00", "2026-12-03T11:30+01:00"),
        ("2026-12-03T18:59+01:00", "2026-12-03T19:59+01:00"),
        ("2026-12-03T19:00+01:00", "2026-12-04T09:00+01:00"),
        ("2026-12-03T23:30+01:00", "2026-12-04T09:00+01:00"),
        ("2026-12-04T03:00+01:00", "2026-12-04T09:00+01:00"),
        ("2026-12-04T08:00+01:00", "2026-12-04T09:00+01:00"),
        # the clocks go forward in the night
        ("2027-03-27T22:00+01:00", "2027-03-28T09:00+02:00"),
    ],
)
def test_people_are_asked_an_hour_after_the_end_by_day_where_the_event_was(ends: str, asked: str) -> None:
    found = ask_at(datetime.fromisoformat(ends).astimezone(UTC), "Europe/Berlin")
    assert found == datetime.fromisoformat(asked)


def ended(*, over: bool = True, before: EventBefore | None = None, said: str = "ended", at: datetime = AT) -> Any:
    return of_ended(
        over=over,
        before=before,
        said=said,
        ends=AT,
        timezone="Asia/Tokyo",
        group="g",
        event="e",
        cause=cause(None, at),
    )


def test_an_event_that_is_over_asks_once_those_who_were_there() -> None:
    # six in the morning in Tokyo: asked at nine
    asked = ended(before=EventBefore(announced=True, cancelled=False))
    assert asked == Spread(
        Kind.FEEDBACK_ASKED, "attendees", cause(None, AT + timedelta(hours=3)), "g", "e", standing=("yes",)
    )
    assert ended() == asked
    assert ended(before=EventBefore(announced=True, cancelled=False, over=True)) is None
    assert ended(over=False, before=EventBefore(announced=True, cancelled=False)) is None


def test_an_old_event_of_which_nothing_was_known_asks_nobody() -> None:
    assert ended(said="changed") is None


def test_an_end_that_was_found_late_asks_at_once() -> None:
    late = AT + timedelta(days=2)
    assert ended(at=late).cause.at == late


@pytest.mark.parametrize(
    ("mark", "stood", "asked"),
    [
        ("attended", True, True),
        ("attended", False, True),
        (None, True, True),
        (None, False, False),
        ("no_show", True, False),
        ("excused", True, False),
    ],
)
def test_what_was_noted_of_somebody_goes_before_their_rsvp(mark: str | None, stood: bool, asked: bool) -> None:
    assert was_there(mark, stood=stood) is asked
