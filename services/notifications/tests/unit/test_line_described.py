"""What a line of the inbox may say is described, for every notice that says more than its kind."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifications_service.domain.network_event import of_network_event
from notifications_service.domain.notice import Cause, Edit, Kind, Spread, of_edit, of_offer, of_rsvp
from notifications_service.http.inbox import LineAnswer

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
CAUSE = Cause("topic", "subject", 1, AT, "ada")
LATER = AT + timedelta(hours=12)


def of_many() -> Iterator[Mapping[str, Any]]:
    common: dict[str, Any] = {"guests": 1, "member": "bo", "group": "g", "event": "e", "cause": CAUSE}
    for status, was, expired, place in (
        ("yes", None, False, "physical"),
        ("waitlist", None, False, "online"),
        ("offered", "waitlist", False, "online"),
        ("no", "offered", True, "online"),
    ):
        told = of_rsvp(status=status, was=was, expired=expired, position=3, until=LATER, place=place, **common)
        assert told is not None
        yield told.details
    recalled = of_offer(until=LATER, guests=1, place="online", group="g", event="e", cause=CAUSE)
    assert recalled is not None
    yield recalled.details
    changed = Spread(Kind.EVENT_CHANGED, "attendees", CAUSE, "g", "e")
    yield of_edit(changed, Edit("x", AT, "changed", ("starts_at",), 1, back=2)).details
    for status in ("draft", "published"):
        [made] = of_network_event(
            title="Tea",
            starts_at=AT,
            timezone="Asia/Tokyo",
            status=status,
            group="g",
            event="e",
            leaders={"olga"},
            cause=CAUSE,
        )
        yield made.details


@pytest.mark.parametrize("details", list(of_many()))
def test_what_a_line_says_is_described(details: Mapping[str, Any]) -> None:
    assert details.keys() <= LineAnswer.model_fields.keys()
    line = {"id": "1", "kind": Kind.EVENT_CHANGED, "text": "", "at": AT, "read": False}
    line |= {"line_id": "1", "version": 1, "created_at": AT, "updated_at": AT}
    ids = dict.fromkeys(("group_id", "event_id", "member_id", "post_id"))
    described = LineAnswer.model_validate({**line, **ids, **details}).model_dump(mode="json")
    for name, value in details.items():
        if name not in ("until", "event"):
            assert described[name] == value
