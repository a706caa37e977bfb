"""Who is forgotten hosts nothing any more and has made nothing, and nobody's seat moves by it."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chassis.journal import Command, Outcome
from contracts.events import EventState
from events_service.domain.details import Details, times
from events_service.domain.event import Cancelled, Event, MemberForgotten, Part
from events_service.domain.event import evolve as evolve_event
from events_service.domain.forgetting import of_series
from events_service.domain.group import OUTSIDER
from events_service.domain.ledger import Ledger
from events_service.domain.occurrence import Order
from events_service.domain.origin import Origin
from events_service.domain.plan import Plan
from events_service.domain.refusal import Refused
from events_service.domain.series import Series, evolve
from events_service.handlers.event import Agenda
from events_service.handlers.forgetting import (
    FORGET_IN_EVENT,
    FORGET_IN_NETWORK_EVENT,
    FORGET_IN_SERIES,
    decide_event,
    decide_network_event,
    decide_series,
    forget_command,
)
from events_service.handlers.network_event import Round
from events_service.handlers.series import Course, follow
from events_service.messages.network_event import tell_network_event
from events_service.store.event import event_document, event_of
from events_service.views.event import concealed
from events_service.views.waitlist import waited_until

from .dates import occurred
from .networks import NETWORK, made
from .test_messages import GROUP, NOW, TELL

DETAILS = Details(
    "Tea", "2026-06-01T18:30:00", "2026-06-01T21:00:00", "Asia/Tokyo", "everyone", capacity=1, hosts=("hana", "ivy")
)
COMMAND = Command("c", FORGET_IN_EVENT, "e", {"member_id": "hana"})
FULL = Ledger(capacity=1, seats=1)


def event(**changes: Any) -> Event:
    found = times(DETAILS)
    assert not isinstance(found, Refused)
    made = Event("e", "g", DETAILS, found, "olga", created_at=NOW, updated_at=NOW, status="published", version=4)
    return replace(made, **changes)


def forgotten(found: Event) -> Outcome[Agenda]:
    agenda = Agenda(found, FULL, GROUP, OUTSIDER, lambda _: None, lambda _: None)
    return decide_event(agenda, COMMAND, NOW)


ENDED = {"ended_at": event().times.ends}


@pytest.mark.parametrize("changes", [{}, {"status": "cancelled"}, ENDED])
def test_whatever_became_of_an_event_others_hear_of_it_without_them(changes: dict[str, Any]) -> None:
    outcome = forgotten(event(**changes))
    assert outcome.facts == (MemberForgotten("e", "hana"),)
    after = outcome.state.event
    assert after is not None
    assert (after.details, after.version) == (replace(DETAILS, hosts=("ivy",)), 5)
    assert after.terms().hosts == ("ivy",)
    [told] = TELL.tell_event(COMMAND, outcome, NOW + timedelta(days=1)).messages
    state = EventState.model_validate_json(told.value or "")
    assert (told.type, state.hosts, state.changed) == ("convene.events.event.changed.v1", ["ivy"], [])


def test_an_event_without_a_free_seat_lets_go_of_them_too() -> None:
    outcome = forgotten(event())
    assert (outcome.refused, outcome.state.ledger) == (None, FULL)


def test_of_a_draft_nobody_hears_and_twice_changes_nothing() -> None:
    outcome = forgotten(event(status="draft"))
    assert outcome.state.event is not None
    assert outcome.state.event.details.hosts == ("ivy",)
    assert not TELL.tell_event(COMMAND, outcome, NOW).messages
    assert forgotten(outcome.state.event).facts == ()


def test_a_draft_that_the_first_release_let_be_cancelled_lets_go_of_them_and_stays_for_leaders() -> None:
    """Its cancelling was told then, with its hosts and its maker: the topic names them no longer either."""
    outcome = forgotten(event_of({**event_document(event(status="cancelled")), "published": False}))
    assert outcome.state.event is not None
    assert concealed(event_document(outcome.state.event))
    [told] = TELL.tell_event(COMMAND, outcome, NOW).messages
    assert EventState.model_validate_json(told.value or "").hosts == ["ivy"]


@pytest.mark.parametrize("of_before", [(), ("cancelled_at",)])
def test_who_waited_until_it_was_called_off_waits_no_longer_by_that(of_before: tuple[str, ...]) -> None:
    kept = event_document(evolve_event(event(), Cancelled("e", "olga"), NOW))
    off = event_of({name: value for name, value in kept.items() if name not in of_before})
    later = NOW + timedelta(days=2)
    for fact in (MemberForgotten("e", "hana"), MemberForgotten("e", "ivy")):
        off = event_of(event_document(evolve_event(off, fact, later)))
    assert (waited_until(off, later), off.updated_at) == (NOW, later)


def test_a_date_or_copy_has_no_hosts_of_its_own_by_that() -> None:
    date = forgotten(event(series=Part("s", NOW), own=("title",))).state.event
    copy = forgotten(event(origin=Origin("x", "n", 1))).state.event
    assert date is not None
    assert copy is not None
    assert (date.own, copy.own) == (("title",), ())
    order = Order("g", Part("s", NOW), replace(DETAILS, hosts=("jo",)), ("hosts",), edit={"id": "x"})
    [changed] = occurred("e", date, "olga", order, now=NOW)
    assert getattr(changed, "changes", None) == {"hosts": ("jo",)}


def series() -> Series:
    plan = Plan("FREQ=WEEKLY;COUNT=2", DETAILS.starts_at, DETAILS.ends_at, DETAILS.timezone)
    return Series("s", "g", plan, DETAILS, "olga", created_at=NOW, updated_at=NOW, status="published", version=2)


def test_dates_to_come_of_a_series_begin_without_them() -> None:
    outcome = decide_series(Course(series(), GROUP, OUTSIDER), replace(COMMAND, aggregate="s"), NOW)
    after = outcome.state.series
    assert after is not None
    assert (after.details, after.plan) == (replace(DETAILS, hosts=("ivy",)), series().plan)
    assert list(follow(COMMAND, after, outcome.facts)) == []
    assert of_series(after, "hana") == []
    [fact] = of_series(series(), "hana")
    assert evolve(series(), fact, NOW) == after


def test_who_hosts_again_is_forgotten_by_another_command_and_so_is_each_of_two() -> None:
    for name in (FORGET_IN_EVENT, FORGET_IN_SERIES, FORGET_IN_NETWORK_EVENT):
        forget = partial(forget_command, name)
        first, again = forget({"_id": "e", "version": 4}, "hana"), forget({"_id": "e", "version": 6}, "hana")
        other = forget({"_id": "e", "version": 4}, "ivy")
        assert forget({"_id": "e", "version": 4}, "hana") == first
        assert len({first.id, again.id, other.id}) == 3


def test_who_made_it_is_named_nowhere_any_more() -> None:
    command = replace(COMMAND, body={"member_id": "olga"})
    outcome = decide_event(Agenda(event(), FULL, GROUP, OUTSIDER, lambda _: None, lambda _: None), command, NOW)
    assert outcome.state.event is not None
    assert (outcome.state.event.created_by, outcome.state.event.details, outcome.answer["created_by"]) == (
        None,
        DETAILS,
        None,
    )
    [told] = TELL.tell_event(command, outcome, NOW).messages
    assert EventState.model_validate_json(told.value or "").created_by == ""
    assert forgotten(outcome.state.event).facts == (MemberForgotten("e", "hana"),)
    course = decide_series(Course(series(), GROUP, OUTSIDER), replace(command, aggregate="s"), NOW)
    assert course.state.series is not None
    assert (course.state.series.created_by, course.answer["created_by"], course.answer["follows"]) == (None, None, [])
    found, ada = made(), replace(command, body={"member_id": "ada"})
    told_of = decide_network_event(Round(found, NETWORK), ada, NOW)
    assert told_of.state.network_event == replace(found, created_by=None, updated_at=NOW)
    assert tell_network_event(ada, told_of, NOW).children == []
    assert decide_network_event(told_of.state, ada, NOW).facts == ()
