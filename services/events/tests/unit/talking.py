"""An event that people talk about, as decisions see it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from events_service.domain.comment import Text
from events_service.domain.details import Details, times
from events_service.domain.event import Event
from events_service.domain.group import OUTSIDER, Group, Membership
from events_service.domain.refusal import Refused
from events_service.domain.speaker import Speaker

Fact = TypeVar("Fact")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GROUP = Group("g", 1, "g", "G", (), "Kyoto", "jp", None, 35.0, 135.8, "public", "open", "active", "olga")
MEMBER, LEADER = Membership("active", "member", 1), Membership("active", "event_organizer", 1)
TEXT = Text("Who **comes**?", "<p>Who <strong>comes</strong>?</p>", "Who comes?")
OTHER = Text("Nobody?", "<p>Nobody?</p>", "Nobody?")


def event(**changes: Any) -> Event:
    details = Details(
        "Tea", "2026-06-01T18:30:00", "2026-06-01T21:00:00", "Asia/Tokyo", "everyone", hosts=("hana", "henk")
    )
    found = times(details)
    assert not isinstance(found, Refused)
    made = Event("e", "g", details, found, "olga", created_at=NOW, updated_at=NOW, status="published")
    return replace(made, **changes)


OVER = event().times.ends
LATER = OVER + timedelta(days=30)


def speaker(id_: str = "ada", membership: Membership = MEMBER, **more: Any) -> Speaker:
    return Speaker(id_, **{"event": event(), "group": GROUP, "membership": membership, **more})


def outsider(id_: str = "out", **more: Any) -> Speaker:
    return speaker(id_, OUTSIDER, **more)


def done(decided: Sequence[Fact] | Refused) -> Sequence[Fact]:
    assert not isinstance(decided, Refused), decided
    return decided


def reason(decided: Sequence[Any] | Refused) -> str:
    assert isinstance(decided, Refused), decided
    return decided.reason
