"""What a date leaves out of what its series wants, and a copy of what its network event wants: as little as it can."""

from dataclasses import replace
from typing import Any

from chassis.journal import Command
from events_service.domain.details import Details, asked_otherwise, times
from events_service.domain.event import Event, Part
from events_service.domain.group import OUTSIDER
from events_service.domain.ledger import Ledger
from events_service.domain.occurrence import Order
from events_service.domain.refusal import Refused
from events_service.handlers.event import Agenda
from events_service.handlers.occurrence import OCCUR, decide_occur, order_body

from .networks import DETAILS, NOW, copied, group

ASKED = replace(DETAILS, timezone="Europe/Berlin", questions=("Diet?", "Coming by bike?"))
PART = Part("s", NOW)
EDIT = {"id": "x", "at": NOW.isoformat(), "kind": "changed", "changed": [], "fell": 0}
TURNED: dict[str, Any] = {"questions": ("Coming by bike?", "Diet?"), "title": "Cha"}


def dated(details: Details, **changes: Any) -> Event:
    """A published date of a series."""
    found = times(details)
    assert not isinstance(found, Refused)
    made = Event("e", "g", details, found, "olga", NOW, NOW, status="published", series=PART)
    return replace(made, **changes)


def followed(event: Event, **wanted: Any) -> Event:
    """The date after an edit of its series to this."""
    order = Order("g", PART, replace(ASKED, **wanted), tuple(wanted), edit=EDIT)
    agenda = Agenda(event, Ledger(capacity=None), group(), OUTSIDER, lambda _: None, lambda _: None)
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
