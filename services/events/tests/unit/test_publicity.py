"""What the public hears of one change: a place is a yes, what follows it is a no, the rest is nobody's business."""

from dataclasses import replace

import pytest

from events_service.domain.publicity import response_of
from events_service.domain.rsvp import Change, Confirmed, Declined, Expired, Released, Response, Rsvp

from .rules import evening


def rsvp(shown: Response | None) -> Rsvp:
    event = evening(capacity=5)
    event.yes("ada")
    return replace(event.rsvps["ada"], shown=shown)


def change(kind: type[Change], status: str) -> Change:
    return kind("ada", 1, "waitlist", status, 0, 0, 0, 1, 0, 2, 1, None)  # type: ignore[arg-type] # a status below


@pytest.mark.parametrize("kind", [Expired, Released])
def test_nobody_is_said_to_have_said_no(kind: type[Change]) -> None:
    assert response_of(rsvp(None), change(kind, "no")) is None
    assert response_of(rsvp("yes"), change(kind, "no")) == "no"
    assert response_of(rsvp("no"), change(kind, "no")) is None


def test_a_persons_own_no_is_public_once() -> None:
    assert response_of(None, change(Declined, "no")) == "no"
    assert response_of(rsvp("no"), change(Declined, "no")) is None


def test_a_place_is_a_yes_once() -> None:
    assert response_of(None, change(Confirmed, "yes")) == "yes"
    assert response_of(rsvp("yes"), change(Confirmed, "yes")) is None
