"""Who is told of the copy of a network event."""

from datetime import UTC, datetime

from notifications_service.domain.network_event import of_network_event
from notifications_service.domain.notice import Cause, Kind

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_the_copy_of_a_network_event_tells_its_chapters_leaders_but_who_made_it() -> None:
    found = of_network_event(
        title="Tea",
        starts_at=AT,
        timezone="Asia/Tokyo",
        status="draft",
        group="g",
        event="e",
        leaders={"olga", "ada", "evi"},
        cause=Cause("topic", "subject", 1, AT, "ada"),
    )
    assert [(one.kind, one.recipient, one.group_id, one.event_id) for one in found] == [
        (Kind.NETWORK_EVENT, name, "g", "e") for name in ("evi", "olga")
    ]
    said = {"title": "Tea", "starts_at": AT.isoformat(), "timezone": "Asia/Tokyo"}
    assert found[0].details == {"status": "draft", "event": said}
