"""What a reader is shown of what a notice speaks of."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from notifications_service.texts import SOMEBODY
from notifications_service.views.subject import Known

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
TALK = {"group_id": "g", "event_id": "e", "member_id": "ada", "post_id": "p"}


def known(*, private: bool, standing: str | None, excerpt: str = "Bring cake") -> Known:
    event = {"title": "Tea", "starts_at_utc": AT, "timezone": "UTC", "where": "5 Elm Street", "online": True}
    return Known(
        events={"e": event | {"status": "published"}},
        groups={"g": {"name": "Moms", "private": private, "status": "active"}},
        members={"ada": {"name": "Ada L."}, "bo": {"name": "Bo"}},
        posts={"p": {"state": "shown", "excerpt": excerpt}},
        memberships={} if standing is None else {"g:ada": {"state": standing}},
    )


@pytest.mark.parametrize("standing", ["left", "removed", "banned", "pending", "none"])
def test_outsiders_of_a_private_group_read_no_comment_and_of_an_event_title_and_time(standing: str) -> None:
    found = known(private=True, standing=standing)
    subject = found.subject(TALK)
    assert subject.excerpt is None
    assert subject.event is not None
    assert (subject.event.title, subject.event.starts_at) == ("Tea", AT)
    assert (subject.event.where, subject.event.online) == ("", False)
    assert found.circumstances(TALK).outside


@pytest.mark.parametrize(("private", "standing"), [(True, "active"), (True, None), (False, "left"), (False, None)])
def test_who_may_see_the_event_reads_comments_and_the_place(private: bool, standing: str | None) -> None:
    subject = known(private=private, standing=standing).subject(TALK)
    assert subject.excerpt == "Bring cake"
    assert subject.event is not None
    assert (subject.event.where, subject.event.online) == ("5 Elm Street", True)


@pytest.mark.parametrize("notice", [TALK, {"group_id": "g", "member_id": "ada", "post_id": "p"}])
def test_everybody_who_is_mentioned_is_called_by_name_or_somebody(notice: dict[str, Any]) -> None:
    said = "@[ada], @[bo]'s and @[gone]: at @noon, a@example.org"
    subject = known(private=False, standing="active", excerpt=said).subject(notice)
    assert subject.excerpt == f"@Ada L., @Bo's and {SOMEBODY}: at @noon, a@example.org"


def test_a_recall_knows_until_when_its_offer_holds() -> None:
    as_is = known(private=False, standing="active").circumstances({**TALK, "details": {"until": AT.isoformat()}})
    assert as_is.until == AT


@pytest.mark.parametrize(
    ("membership", "organizer", "role"),
    [
        (None, "olga", None),
        (None, "ada", "organizer"),
        ({"state": "none", "role": "member"}, "ada", "organizer"),
        ({"state": "active", "role": "co_organizer"}, "olga", "co_organizer"),
        ({"state": "removed", "role": "co_organizer"}, "olga", "none"),
    ],
)
def test_a_role_counts_while_its_member_is_one(
    membership: dict[str, Any] | None, organizer: str, role: str | None
) -> None:
    found = replace(
        known(private=True, standing=None),
        groups={"g": {"organizer_id": organizer}},
        memberships={} if membership is None else {"g:ada": membership},
    )
    assert found.circumstances({"group_id": "g", "member_id": "ada"}).role == role
