"""Who is told of what was said."""

from datetime import UTC, datetime
from typing import Any

import pytest

from notifications_service.domain.conversation import Said, of_announcement, of_reply_or_mention
from notifications_service.domain.notice import Cause, Kind, Notice, to

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def said(what: str, **more: Any) -> Said:
    return Said(**{"what": what, "group": "g", "post": "r", "thread": "p", "author": "bo", **more})


def cause(actor: str | None = "bo") -> Cause:
    return Cause("groups.conversation.v1", "p", 4, AT, actor)


def told(what: str, actor: str | None = "bo", **more: Any) -> list[Notice]:
    return of_reply_or_mention(said(what, **more), cause(actor))


def test_a_reply_tells_the_writer_of_what_was_replied_to() -> None:
    [notice] = told("replied", answers="ada")
    assert (notice.kind, notice.recipient, notice.about) == (Kind.POST_REPLIED, "ada", "bo")
    assert (notice.group_id, notice.post_id, notice.details) == ("g", "r", {"thread_id": "p"})


def test_a_reply_to_somebody_who_is_not_to_be_told_tells_nobody() -> None:
    assert told("replied", answers=None) == []


def test_a_mention_tells_each_whom_the_message_names() -> None:
    notices = told("mentioned", mentions=("ada", "cy"))
    assert [(notice.kind, notice.recipient, notice.about) for notice in notices] == [
        (Kind.POST_MENTIONED, "ada", "bo"),
        (Kind.POST_MENTIONED, "cy", "bo"),
    ]


def test_nobody_is_told_of_their_own_words() -> None:
    assert told("mentioned", mentions=("bo",)) == []
    assert told("replied", answers="bo") == []
    assert told("mentioned", actor=None, mentions=("bo",)) == []
    assert told("mentioned", actor="ada", mentions=("ada",)) == []


@pytest.mark.parametrize("what", ["posted", "announced", "edited", "deleted", "hidden", "shown"])
def test_nothing_else_tells_single_people(what: str) -> None:
    assert told(what, answers="ada", mentions=("ada",)) == []


def test_an_announcement_tells_all_members_but_its_author_and_whom_it_mentions() -> None:
    spread = of_announcement(said("announced", post="p", mentions=("ada",)), cause())
    assert spread is not None
    assert (spread.kind, spread.audience, spread.group_id) == (Kind.POST_ANNOUNCED, "members", "g")
    assert to(spread, "bo") is None
    assert to(spread, "ada") is None
    notice = to(spread, "cy")
    assert notice is not None
    assert (notice.about, notice.post_id, notice.event_id) == ("bo", "p", None)


@pytest.mark.parametrize("what", ["posted", "mentioned", "replied", "edited", "deleted", "hidden", "shown"])
def test_only_an_announcement_tells_all(what: str) -> None:
    assert of_announcement(said(what, mentions=("ada",)), cause()) is None
