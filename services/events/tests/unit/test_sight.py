"""What the public sees of RSVPs that were decided before a list, or a person, was to be seen."""

from dataclasses import replace

from events_service.domain.person import Person
from events_service.domain.rsvp import Shown
from events_service.domain.sight import review
from events_service.domain.stewarding import drop

from .rules import NOW, Evening, evening

ADA = Person(1, "Ada", None, "everyone")


def seen(event: Evening) -> list[str]:
    facts = review(
        event.terms,
        event.group,
        event.ledger,
        list(event.rsvps.values()),
        person_of=lambda _: ADA,
        after=None,
        now=NOW,
    )
    return [fact.response for fact in facts if isinstance(fact, Shown)]


def taken_out() -> Evening:
    event = evening()
    event.yes("ada")
    event.take(drop(event.desk("ada"), by="olga", now=NOW))
    return event


def test_who_was_taken_out_before_anything_was_public_is_not_said_to_have_said_no() -> None:
    assert seen(taken_out()) == []


def test_of_whom_a_place_was_public_it_is_public_that_they_have_none() -> None:
    event = taken_out()
    event.rsvps["ada"] = replace(event.rsvps["ada"], mtime=1)
    assert seen(event) == ["no"]


def test_a_place_is_shown_and_a_turn_is_not() -> None:
    event = evening(1)
    event.yes("ada")
    event.yes("bo")
    assert seen(event) == ["yes"]
