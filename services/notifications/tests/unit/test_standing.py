"""What is kept from people by how they stand to the group."""

import pytest

from notifications_service.domain.notice import Kind
from notifications_service.domain.standing import asks_for_standing, may_hear

UNKNOWN, ENDED, PUT_OUT = (None,), ("left", "none", "pending"), ("removed", "banned")


@pytest.mark.parametrize(
    ("kind", "kept_from"),
    [
        (Kind.POST_MENTIONED, (*ENDED, *PUT_OUT)),
        (Kind.POST_REPLIED, (*ENDED, *PUT_OUT)),
        (Kind.COMMENT_MADE, PUT_OUT),
        (Kind.EVENT_CANCELLED, PUT_OUT),
        (Kind.SERIES_CHANGED, PUT_OUT),
        (Kind.MESSAGE_RECEIVED, PUT_OUT),
        (Kind.FEEDBACK_ASKED, PUT_OUT),
        (Kind.RSVP_OFFER_EXPIRING, PUT_OUT),
        (Kind.RSVP_CONFIRMED, ()),
        (Kind.GROUP_REMOVED, ()),
        (Kind.EXPORT_READY, ()),
    ],
)
def test_a_notice_is_kept_from_who_is_no_member_or_was_put_out_by_what_it_is_about(
    kind: Kind, kept_from: tuple[str, ...]
) -> None:
    standings = (*UNKNOWN, "active", *ENDED, *PUT_OUT)
    assert tuple(standing for standing in standings if not may_hear(kind, standing)) == kept_from


def test_where_nothing_is_kept_from_anybody_nobody_is_asked_how_they_stand() -> None:
    for kind in Kind:
        assert asks_for_standing(kind) is not all(may_hear(kind, standing) for standing in (*ENDED, *PUT_OUT))
