"""What hosts note for people with a place: nobody else is shown it, and it is on no topic."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from services.events.tests.unit.networks import DETAILS, copied, made

from events_service.domain.acts import change
from events_service.domain.details import Details, times
from events_service.domain.event import Changed, Event, evolve
from events_service.domain.group import Group, Membership
from events_service.domain.refusal import Refused
from events_service.handlers.answer import network_event_answer
from events_service.http.details import EventChange, NewEvent
from events_service.http.network_event import NetworkEventAnswer, NetworkEventChange, NewNetworkEvent
from events_service.messages.event import event_state
from events_service.store.event import event_document, event_of
from events_service.views.event import full, outside

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
GROUP = Group("g", 1, "g", "G", (), "Kyoto", "jp", None, 35.0, 135.8, "public", "open", "active", "olga")
LEADER = Membership("active", "event_organizer", 1)
NOTES = "Ring at the blue door"
COUNTED = {"seats": 0, "waiting": 0}


def event() -> Event:
    details = Details("Tea", "2026-06-01T18:30:00", "2026-06-01T21:00:00", "Asia/Tokyo", "everyone", host_notes=NOTES)
    found = times(details)
    assert not isinstance(found, Refused)
    return Event("e", "g", details, found, "olga", created_at=NOW, updated_at=NOW, status="published")


def test_they_are_shown_where_asked_for_alone() -> None:
    document = event_document(event())
    assert full(document, COUNTED, NOW, link=False, notes=True)["host_notes"] == NOTES
    for shown in (full(document, COUNTED, NOW, link=True), outside(document, NOW)):
        assert NOTES not in repr(shown)


def test_they_are_on_no_topic() -> None:
    assert NOTES not in event_state(event()).model_dump_json()


def test_a_change_of_them_is_told_nobody() -> None:
    changes = EventChange(host_notes=" Come early ").changes()
    facts = change(event(), "olga", group=GROUP, membership=LEADER, version=1, changes=changes, now=NOW)
    assert not isinstance(facts, Refused)
    assert facts == [Changed("e", "olga", {"host_notes": "Come early"}, ())]
    assert evolve(event(), facts[0], NOW).details.host_notes == "Come early"


def test_events_of_before_have_none() -> None:
    document = event_document(event())
    assert event_of(document) == event()
    del document["host_notes"]
    assert event_of(document) == replace(event(), details=replace(event().details, host_notes=""))


def test_they_are_a_few_lines() -> None:
    given: dict[str, Any] = {"title": "Tea", "starts_at": "2030-06-01T18:30:00", "ends_at": "2030-06-01T20:30:00"}
    assert NewEvent(**given).host_notes == ""
    with pytest.raises(ValidationError):
        NewEvent(**given, host_notes="x" * 1_001)


def test_a_network_notes_them_for_every_chapter() -> None:
    given: dict[str, Any] = {"title": "Tea", "starts_at": "2030-06-01T18:30:00", "ends_at": "2030-06-01T20:30:00"}
    asked = NewNetworkEvent(**given, host_notes=NOTES).details(timezone="UTC", attendee_list="everyone")
    assert asked.host_notes == NOTES
    shown = network_event_answer(made(details=replace(DETAILS, host_notes=NOTES)))
    assert NetworkEventAnswer(**shown).host_notes == NOTES
    world = copied()
    assert world.edit(**NetworkEventChange(host_notes=NOTES).changes()) is None
    world.look()
    assert world.event is not None
    assert world.event.details.host_notes == NOTES
