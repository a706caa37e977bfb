"""What leaves the service is what the contracts say, field by field and in their order."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.journal import Command, Outcome
from contracts.events import AttendanceChanged, EventState, JoinAsked, MemberSeen, NetworkEventMade, RsvpChanged
from contracts.message import Message
from contracts.public import PublicRsvp
from events_service.domain import event as events
from events_service.domain import rsvp as rsvps
from events_service.domain.admission import respond
from events_service.domain.attendance import Mark, Marked
from events_service.domain.desk import Desk
from events_service.domain.details import Details, Times
from events_service.domain.event import Cancelled, Changed, Created, Ended, Event, Part, Published, Restored, Rezoned
from events_service.domain.group import OUTSIDER, Group, Membership
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.origin import Detached, Origin
from events_service.domain.person import Person, Seen, Visitor
from events_service.domain.place import Place
from events_service.domain.promotion import Promotion
from events_service.domain.rsvp import Change, Kept, Shown, Terms
from events_service.handlers.event import Agenda
from events_service.handlers.person import SEE, WANT_NUMBER, Known, decide_see, see_command
from events_service.handlers.rsvp import RESPOND, Booking, booked
from events_service.messages import Messages, rsvp_changed, tell_person
from events_service.messages.attendance import attendance_changed
from events_service.messages.event import event_told
from events_service.messages.public import PublicStream, urlkey

NOW = datetime(2026, 5, 1, 12, 0, 0, 125_000, tzinfo=UTC)
GROUP = Group(
    "g",
    77,
    "bakers",
    "Bäckers",
    ("Sour Dough", "Öl"),
    "Toronto",
    "ca",
    "ON",
    43.7,
    -79.4,
    "public",
    "open",
    "active",
    "o",
)
TERMS = Terms(
    event_id="e",
    group_id="g",
    status="published",
    title='Bread & "Butter"',
    starts=NOW + timedelta(days=1),
    ends=NOW + timedelta(days=1, hours=2),
    opens=None,
    closes=NOW + timedelta(days=1),
    guest_limit=3,
    promotion=Promotion(max_skips=2),
    hosts=(),
    attendee_list="everyone",
    venue=("Café", 43.7, -79.4),
)
KINDS: tuple[type[Change], ...] = (
    rsvps.Requested,
    rsvps.Confirmed,
    rsvps.Waitlisted,
    rsvps.Promoted,
    rsvps.Declined,
    rsvps.Released,
    rsvps.Expired,
)
ADA = Person(101, "Ada", "https://photos.test/ada", "everyone")
PUBLIC = PublicStream("https://convene.test")
TELL = Messages(PUBLIC)


def outgoing(**people: Person) -> list[Any]:
    """What a first yes of a newcomer says, and the commands it causes."""
    desk = Desk(TERMS, Ledger(capacity=3), GROUP, OUTSIDER, None, 5, lambda _: None)
    decided = respond(desk, "ada", "yes", 1, NOW)
    assert not hasattr(decided, "reason")
    booking = Booking(desk, desk.ledger, "ada", people.get)
    command = Command("c", RESPOND, "e", {"response": "yes", "guests": 1}, actor="ada", trace="t")
    told = TELL.tell_booking(command, booked(booking, desk, decided, NOW), NOW)
    return [list(told.messages), list(told.children)]


def test_an_rsvp_says_exactly_what_the_contract_says() -> None:
    messages, children = outgoing(ada=ADA)
    assert [message.topic for message in messages] == [RsvpChanged.topic, JoinAsked.topic, PublicRsvp.topic]
    changed = RsvpChanged.model_validate_json(messages[0].value)
    assert json.loads(messages[0].value) == changed.model_dump(mode="json", exclude_unset=True)
    said = json.loads(messages[0].value)
    assert list(said) == [name for name in RsvpChanged.model_fields if name in said]
    assert (changed.rsvp_id, changed.number, changed.status, changed.was, changed.seq) == ("e:ada", 5, "yes", None, 1)
    asked = JoinAsked.model_validate_json(messages[1].value)
    assert (asked.group_id, asked.member_id, asked.membership_version) == ("g", "ada", 0)
    assert children == []


@pytest.mark.parametrize(
    ("was", "mark", "kind"),
    [
        (None, "attended", "checked-in"),
        ("no_show", "attended", "checked-in"),
        (None, "no_show", "missed"),
        ("attended", "excused", "missed"),
        ("excused", None, "cleared"),
    ],
)
def test_every_note_has_its_message(was: Mark | None, mark: Mark | None, kind: str) -> None:
    marked = Marked("ada", 5, was, mark, "olga", "hand", TERMS.starts, 1, 2, walk_in=False)
    told = attendance_changed(TERMS, marked)
    assert (told.topic, told.type) == (AttendanceChanged.topic, f"convene.events.attendance.{kind}.v1")
    assert told.type in AttendanceChanged.types
    assert (told.subject, told.key, told.partition) == ("e", "5", "e")
    message = AttendanceChanged.model_validate_json(told.value or "")
    assert (message.was, message.mark, message.starts_at_utc, message.by) == (was, mark, TERMS.starts, "olga")


def test_a_public_rsvp_has_the_keys_of_its_model_in_order_and_nothing_null() -> None:
    messages, _ = outgoing(ada=ADA)
    message = messages[2]
    public = PublicRsvp.model_validate_json(message.value)
    assert message.value == public.model_dump_json(exclude_none=True)
    assert (message.key, message.partition, message.subject) == ("5", "e", "e")
    assert public.mtime == 1_777_636_800_125
    assert public.event.event_url == "https://convene.test/v1/events/e"
    assert public.group.group_state == "ON"
    assert [(topic.urlkey, topic.topic_name) for topic in public.group.group_topics] == [
        ("sour-dough", "Sour Dough"),
        ("ol", "Öl"),
    ]


def test_what_has_no_value_is_absent_from_the_public_stream() -> None:
    plain = PUBLIC.shown(
        replace(TERMS, venue=None),
        replace(GROUP, country="fr"),
        Shown("ada", 5, "no", 0, 7),
        Person(101, "", None, "everyone"),
    )
    assert plain.value is not None
    value = json.loads(plain.value)
    assert "venue" not in value
    assert value["member"] == {"member_id": 101, "member_name": ""}
    assert "group_state" not in value["group"]


def test_without_the_number_the_change_is_kept_and_the_number_asked_for() -> None:
    messages, children = outgoing()
    assert [message.topic for message in messages] == [RsvpChanged.topic, JoinAsked.topic]
    assert [(child.name, child.aggregate) for child in children] == [(WANT_NUMBER, "ada"), (SEE, "ada")]
    again = outgoing()[1]
    assert [child.id for child in children] == [child.id for child in again]


@pytest.mark.parametrize("kind", KINDS)
def test_every_change_of_an_rsvp_has_its_own_message_type(kind: type[Change]) -> None:
    change = kind("ada", 5, "waitlist", "yes", 1, 2, 0, 9, 0, 11, 3, None)
    message = rsvp_changed(TERMS, change)
    assert message.type == f"convene.events.rsvp.{kind.__name__.lower()}.v1"
    assert message.type in RsvpChanged.types
    RsvpChanged.model_validate_json(message.value or "")


BY_HAND: dict[str, Change] = {
    "offered": rsvps.Offered("ada", 5, "waitlist", "offered", 1, 2, 0, 9, 0, 11, 3, None, offer=11, until=NOW),
    "admitted": rsvps.Admitted("ada", 5, None, "yes", 1, 2, 0, 9, 0, 11, 3, None, by="olga", override=True),
    "released": rsvps.Dropped("ada", 5, "yes", "no", 0, 0, 2, 9, 0, 11, 3, None, by="olga"),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_an_offer_says_until_when_and_a_leaders_hand_whose_it_was(name: str) -> None:
    message = rsvp_changed(TERMS, BY_HAND[name])
    assert message.type == f"convene.events.rsvp.{name}.v1"
    said = RsvpChanged.model_validate_json(message.value or "")
    assert list(json.loads(message.value or "")) == [n for n in RsvpChanged.model_fields if n in said.model_fields_set]
    assert (said.by, said.override) == (None if name == "offered" else "olga", name == "admitted")
    assert (said.offer_id, said.offer_expires_at) == (("e.11", NOW) if name == "offered" else (None, None))


def test_a_member_is_seen() -> None:
    outcome = Outcome(Known(Visitor("ada", seen=True), known=False), (Seen("ada"),))
    [message] = tell_person(Command("c", SEE, "ada", {}), outcome, NOW).messages
    assert (message.type, message.key) == (MemberSeen.types[0], "ada")
    assert MemberSeen.model_validate_json(message.value or "").member_id == "ada"


def test_who_comes_back_after_they_were_forgotten_is_seen_anew() -> None:
    known = Known(Visitor("ada", seen=True), known=True)
    assert decide_see(known, see_command("ada"), NOW).facts == []
    assert decide_see(known, see_command("ada", "r1"), NOW).facts == [Seen("ada")]
    assert len({see_command("ada").id, see_command("ada", "r1").id, see_command("ada", "r2").id}) == 3


def test_an_events_state_carries_neither_its_link_nor_its_counters() -> None:
    details = Details(
        title="Bread",
        starts_at="2026-05-02T18:30:00",
        ends_at="2026-05-02T20:00:00",
        timezone="America/Toronto",
        attendee_list="everyone",
        place=Place("online", url="https://meet.test/secret"),
        capacity=10,
    )
    times = Times(TERMS.starts, TERMS.ends, None, TERMS.closes)
    event = Event("e", "g", details, times, "olga", NOW, NOW, status="published", version=2)
    agenda = Agenda(event, Ledger(capacity=10, seats=4), GROUP, Membership(), lambda _: None, lambda _: None)
    [message] = TELL.tell_event(
        Command("c", "event.publish", "e", {}), Outcome(agenda, (Published("e", "olga"),)), NOW
    ).messages
    state = EventState.model_validate_json(message.value or "")
    assert (message.type, state.status, state.version) == ("convene.events.event.published.v1", "published", 2)
    assert "secret" not in (message.value or "")
    assert "seats" not in (message.value or "")


def test_a_draft_says_nothing() -> None:
    details = Details("Bread", "2026-05-02T18:30:00", "2026-05-02T20:00:00", "UTC", "everyone")
    event = Event("e", "g", details, Times(TERMS.starts, TERMS.ends, None, TERMS.closes), "olga", NOW, NOW)
    agenda = Agenda(event, Ledger(capacity=None), GROUP, Membership(), lambda _: None, lambda _: None)
    assert TELL.tell_event(Command("c", "event.create", "e", {}), Outcome(agenda, ("made",)), NOW).messages == ()


def test_all_messages_of_this_service_are_told() -> None:
    ours = {type_ for model in (RsvpChanged, JoinAsked) for type_ in model.types}
    told = {f"convene.events.rsvp.{name}.v1" for name in (*(kind.__name__.lower() for kind in KINDS), *BY_HAND)}
    assert ours == told | {"convene.events.join.asked.v1"}
    assert issubclass(PublicRsvp, Message)


def test_kept_changes_keep_their_place_in_the_queue() -> None:
    facts: list[rsvps.Fact] = [Kept(4, "ada", 5, "yes", 0, 7)]
    assert evolve(Ledger(capacity=1, kept_first=3, kept_last=3), facts).kept_last == 4


def test_a_topic_in_another_script_keeps_a_key() -> None:
    assert urlkey("料理") == "料理"


PART = Part("s", NOW + timedelta(days=1))
EDIT: dict[str, Any] = {"id": "x", "at": NOW.isoformat(), "kind": "changed", "changed": ["title"], "fell": 1}


@pytest.mark.parametrize(
    ("fact", "kind", "status", "changed", "edit"),
    [
        (Published("e", "o"), "published", "published", [], None),
        (Changed("e", "o", {}, ("title",)), "changed", "published", ["title"], None),
        (Changed("e", "o", {}, ("title",), EDIT), "changed", "published", ["title"], "x"),
        (Restored("e", "o", {}, ("status",), EDIT), "changed", "published", ["status"], "x"),
        (Cancelled("e", "o", EDIT), "cancelled", "cancelled", [], "x"),
        (Rezoned("e", NOW, NOW, None, NOW, ("starts_at",)), "changed", "published", ["starts_at"], None),
        (Ended("e"), "ended", "past", [], None),
    ],
)
def test_each_fact_of_an_event_is_told_with_its_series_and_edit(
    fact: Any, kind: str, status: str, changed: list[str], edit: str | None
) -> None:
    details = Details("Tea", "2026-06-01T18:30:00", "2026-06-01T21:00:00", "UTC", "everyone")
    before = Event("e", "g", details, Times(NOW, NOW, None, NOW), "o", NOW, NOW, status="published", series=PART)
    said = event_told(events.evolve(before, fact, NOW), fact)
    assert said.type == f"convene.events.event.{kind}.v1"
    state = EventState.model_validate_json(said.value or "")
    assert (state.status, state.changed, state.edit and state.edit.id) == (status, changed, edit)
    assert (state.series_id, state.recurrence_id) == ("s", PART.first_at)


@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_copy_of_a_network_event_is_told_also_while_it_is_a_draft(status: Any) -> None:
    details = Details("Tea", "2026-06-01T18:30:00", "2026-06-01T21:00:00", "Asia/Tokyo", "everyone")
    copy = Event("e", "g", details, Times(NOW, NOW, None, NOW), "ada", NOW, NOW, status, origin=Origin("x", "n", 1))
    agenda = Agenda(copy, Ledger(capacity=None), GROUP, OUTSIDER, lambda _: None, lambda _: None)
    facts: list[Any] = [
        Created("e", "g", "ada", {}, origin={}),
        *([Published("e", "ada")] if status != "draft" else []),
    ]
    messages = TELL.tell_event(Command("c", "event.conform", "e", {}), Outcome(agenda, facts), NOW).messages
    assert [message.topic for message in messages] == [NetworkEventMade.topic, EventState.topic][: len(facts)]
    made = NetworkEventMade.model_validate_json(messages[0].value or "")
    assert (made.status, made.network_id, made.network_event_id, made.timezone) == (status, "n", "x", "Asia/Tokyo")
    states = [EventState.model_validate_json(message.value or "") for message in messages[1:]]
    assert [(state.network_id, state.network_event_id) for state in states] == [("n", "x")] * len(states)


def test_an_event_that_is_the_chapters_own_says_no_network() -> None:
    details = Details("Tea", "2026-06-01T18:30:00", "2026-06-01T21:00:00", "UTC", "everyone")
    times = Times(NOW, NOW, None, NOW)
    copy = Event("e", "g", details, times, "o", NOW, NOW, status="published", origin=Origin("x", "n", 1))
    fact = Detached("e", "ada")
    said = event_told(events.evolve(copy, fact, NOW), fact)
    state = EventState.model_validate_json(said.value or "")
    assert (said.type, state.network_id, state.network_event_id) == ("convene.events.event.changed.v1", None, None)
