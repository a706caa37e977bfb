"""What a date leaves out of what its series wants, and a copy of what its network event wants: as little as it can."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from chassis.journal import Command
from events_service.domain.acts import change
from events_service.domain.details import Details, asked_otherwise, times
from events_service.domain.event import Event, Fact, Part, evolve
from events_service.domain.group import OUTSIDER
from events_service.domain.ledger import Ledger
from events_service.domain.occurrence import Order
from events_service.domain.place import Place
from events_service.domain.refusal import Refused
from events_service.handlers.event import Agenda
from events_service.handlers.occurrence import OCCUR, decide_occur, order_body

from .networks import DETAILS, LEADER, NOW, copied, group

ASKED = replace(DETAILS, timezone="Europe/Berlin", questions=("Diet?", "Coming by bike?"))
PART = Part("s", NOW)
ROOM = Ledger(capacity=None)
EARLY: dict[str, Any] = {"starts_at": "2026-12-08T09:00:00", "ends_at": "2026-12-08T11:00:00"}
EDIT = {"id": "x", "at": NOW.isoformat(), "kind": "changed", "changed": [], "fell": 0}
TURNED: dict[str, Any] = {"questions": ("Coming by bike?", "Diet?"), "title": "Cha"}


def dated(details: Details, **changes: Any) -> Event:
    """A published date of a series."""
    found = times(details)
    assert not isinstance(found, Refused)
    made = Event("e", "g", details, found, "olga", NOW, NOW, status="published", series=PART)
    return replace(made, **changes)


def alone(event: Event, **changes: Any) -> Event:
    """The date after an edit of it alone."""
    facts = change(event, "olga", group=group(), membership=LEADER, version=event.version, changes=changes, now=NOW)
    assert not isinstance(facts, Refused), facts
    return after(event, facts)


def after(event: Event, facts: list[Fact]) -> Event:
    for fact in facts:
        event = evolve(event, fact, NOW)
    return event


def followed(event: Event, ledger: Ledger = ROOM, **wanted: Any) -> Event:
    """The date after an edit of its series to this."""
    changed = tuple(wanted.keys() - {"starts_at", "ends_at"})
    order = Order("g", PART, replace(ASKED, **wanted), changed, edit=EDIT)
    agenda = Agenda(event, ledger, group(), OUTSIDER, lambda _: None, lambda _: None)
    outcome = decide_occur(agenda, Command("c", OCCUR, "e", order_body(order), actor="olga"), NOW)
    assert outcome.refused is None, outcome.detail
    assert outcome.state.event is not None
    return outcome.state.event


def test_answers_of_a_date_stay_with_their_questions_when_a_series_of_drafts_asks_otherwise() -> None:
    date = followed(dated(ASKED), **TURNED)
    assert (date.details.questions, date.details.title) == (ASKED.questions, "Cha")
    assert asked_otherwise(ASKED, TURNED, "draft") is None, "nobody has answered a draft"
    assert followed(dated(ASKED, status="draft"), **TURNED).details.questions == TURNED["questions"]
    more = (*ASKED.questions, "Any wish?")
    assert followed(dated(ASKED), questions=more).details.questions == more


def test_so_do_those_of_a_date_that_comes_back() -> None:
    date = followed(dated(ASKED, status="cancelled", off=True), **TURNED)
    assert (date.status, date.details.questions, date.details.title) == ("published", ASKED.questions, "Cha")


def test_so_do_those_of_a_copy_that_was_published_alone() -> None:
    world = copied(publish=False, details=replace(DETAILS, questions=ASKED.questions))
    assert world.event is not None
    world.event = replace(world.event, status="published")
    assert world.edit(**TURNED) is None
    world.look()
    assert (world.event.details.questions, world.event.details.title) == (ASKED.questions, "Cha")
    assert world.left() == ("questions",)
    assert world.edit(questions=ASKED.questions) is None
    world.look()
    assert world.left() == ()


@pytest.mark.parametrize(
    ("own", "wanted"),
    [
        ({"rsvp_closes_at": "2026-12-08T15:00:00"}, EARLY),
        ({"rsvp_opens_at": "PT1H"}, {"rsvp_closes_at": "PT3H"}),
        (
            {"rsvp_opens_at": "2026-12-08T12:00:00", "rsvp_closes_at": "2026-12-08T15:00:00"},
            {**EARLY, "rsvp_opens_at": "P1D"},
        ),
    ],
)
def test_a_date_whose_own_rsvp_window_does_not_go_with_an_edit_takes_over_the_rest(
    own: dict[str, Any], wanted: dict[str, Any]
) -> None:
    before = alone(dated(replace(ASKED, rsvp_closes_at=None)), **own)
    date = followed(before, title="Cha", capacity=7, **wanted)
    assert date.details == replace(before.details, title="Cha", capacity=7)


def test_a_date_keeps_its_own_rsvp_window_and_moves_where_both_go_together() -> None:
    before = alone(dated(ASKED), rsvp_closes_at="2026-12-08T15:00:00")
    date = followed(before, starts_at="2026-12-08T19:00:00")
    assert (date.details.starts_at, date.details.rsvp_closes_at) == ("2026-12-08T19:00:00", "2026-12-08T15:00:00")
    window = followed(alone(dated(ASKED), rsvp_opens_at="PT3H"), starts_at="2026-12-08T19:00:00", rsvp_closes_at="PT4H")
    assert (window.details.starts_at, window.details.rsvp_closes_at) == ("2026-12-08T19:00:00", "PT2H")


def test_a_date_keeps_the_seats_it_has_too_where_it_keeps_its_times() -> None:
    before = alone(dated(replace(ASKED, rsvp_closes_at=None)), rsvp_closes_at="2026-12-08T15:00:00")
    date = followed(before, Ledger(capacity=10, seats=8), title="Cha", capacity=7, **EARLY)
    assert date.details == replace(before.details, title="Cha")


def test_a_date_keeps_its_seats_and_its_rsvp_window_and_moves_where_that_goes_together() -> None:
    before = alone(dated(replace(ASKED, rsvp_closes_at=None)), rsvp_opens_at="PT1H")
    later: dict[str, Any] = {"starts_at": "2026-12-08T20:00:00", "ends_at": "2026-12-08T22:00:00"}
    date = followed(before, Ledger(capacity=10, seats=8), capacity=7, rsvp_closes_at="PT3H", **later)
    assert date.details == replace(before.details, **later)


def test_a_date_takes_over_its_place_also_where_it_keeps_its_seats_and_its_times() -> None:
    before = alone(dated(replace(ASKED, rsvp_closes_at=None)), rsvp_closes_at="2026-12-08T15:00:00")
    date = followed(before, Ledger(capacity=10, seats=8), capacity=7, place=Place("online"), **EARLY)
    assert date.details == replace(before.details, place=Place("online"))


def test_so_does_a_copy() -> None:
    world = copied()
    world.ledger = Ledger(capacity=10, seats=8)
    assert world.patch({"rsvp_closes_at": "2026-12-08T15:00:00"}) is None
    assert world.edit(capacity=7, place=asdict(Place("online")), **EARLY) is None
    world.look()
    assert world.event is not None
    assert (world.event.details.place, world.event.details.capacity) == (Place("online"), 10)
    assert world.left() == ("capacity", "ends_at", "starts_at")
