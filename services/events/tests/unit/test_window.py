"""Rules 9.4 and 9.12: RSVPs open and close by time or by hand; answers to the event's questions."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from events_service.domain.acts import change
from events_service.domain.admission import respond
from events_service.domain.desk import Seated
from events_service.domain.details import Times
from events_service.domain.door import close_rsvps, open_rsvps
from events_service.domain.event import Changed, Event, Rezoned, evolve
from events_service.domain.group import Membership
from events_service.domain.ledger import Ledger
from events_service.domain.promotion import AT_ONCE, Promotion
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Answered
from events_service.domain.window import ByHand, RsvpsClosed, RsvpsOpened, Window, in_force

from .rules import GROUP, NOW, STARTS, Evening, evening, reason
from .test_event import BY_LEADER, DETAILS
from .test_event import event as tea

LEADER = Membership("active", "event_organizer", 1)
HOUR = timedelta(hours=1)
SAID = Window(NOW + HOUR, NOW + 2 * HOUR)


@pytest.mark.parametrize(
    ("by_hand", "expected"),
    [
        (None, SAID),
        (ByHand(True, NOW), Window(None, NOW + 2 * HOUR)),
        (ByHand(True, NOW + 3 * HOUR), Window(None, STARTS)),
        (ByHand(False, NOW), Window(None, NOW)),
        (ByHand(False, NOW + 3 * HOUR), Window(None, NOW + 2 * HOUR)),
    ],
)
def test_leaders_open_and_close_by_hand(by_hand: ByHand | None, expected: Window) -> None:
    assert in_force(SAID, by_hand, STARTS) == expected


def published() -> Event:
    times = Times(STARTS, STARTS + HOUR, NOW + HOUR, STARTS)
    return Event("e", "g", DETAILS, times, "olga", NOW, NOW, status="published")


def test_opening_and_closing_twice_changes_nothing_and_an_edited_window_takes_it_back() -> None:
    event, by = published(), {"group": GROUP, "membership": LEADER, "now": NOW}
    assert open_rsvps(event, "olga", **by) == [RsvpsOpened("e", "olga")]  # type: ignore[arg-type] # named above
    opened = evolve(event, RsvpsOpened("e", "olga"), NOW)
    assert (opened.terms().opens, opened.version) == (None, 2)
    assert open_rsvps(opened, "olga", **by) == []  # type: ignore[arg-type] # named above
    closed = evolve(opened, RsvpsClosed("e", "olga"), NOW + HOUR)
    assert closed.terms().closes == NOW + HOUR
    assert close_rsvps(closed, "olga", group=GROUP, membership=LEADER, now=NOW + 2 * HOUR) == []
    assert isinstance(close_rsvps(closed, "mia", group=GROUP, membership=Membership("active"), now=NOW), Refused)
    changed = evolve(closed, Changed("e", "olga", {"rsvp_closes_at": "PT1H"}, ()), NOW)
    assert changed.by_hand is None
    assert evolve(closed, Changed("e", "olga", {"title": "Cha"}, ()), NOW).by_hand == closed.by_hand


def test_nobody_opens_or_closes_the_rsvps_of_a_closed_group() -> None:
    gone = replace(GROUP, status="closed")
    for act in (open_rsvps, close_rsvps):
        refused = act(published(), "olga", group=gone, membership=LEADER, now=NOW)
        assert isinstance(refused, Refused)
        assert refused.reason == "group-closed"


def test_an_edit_of_promotion_changes_what_it_names_and_nothing_else() -> None:
    event = evolve(
        published(), Changed("e", "olga", {"promotion": {**asdict(AT_ONCE), "max_skips": 1, "offer_ttl": 60}}, ()), NOW
    )
    edit = {"promotion": {"mode": "offer"}}
    facts = change(event, "olga", group=GROUP, membership=LEADER, version=2, changes=edit, now=NOW)
    assert isinstance(facts, list)
    assert evolve(event, facts[0], NOW).details.promotion == Promotion("offer", offer_ttl=60, max_skips=1)
    same = {"promotion": {"max_skips": 1}}
    assert change(event, "olga", group=GROUP, membership=LEADER, version=2, changes=same, now=NOW) == []


def test_where_the_event_says_nothing_rsvps_are_open_from_its_publishing_until_it_starts() -> None:
    assert (DETAILS.rsvp_opens_at, DETAILS.rsvp_closes_at) == (None, None)
    starts = tea().times.starts
    event = Evening(Ledger(capacity=None), tea().terms(), now=starts - timedelta(microseconds=1))
    assert event.terms.opens is None
    assert event.yes("ada") == "yes"
    assert reason(respond(event.desk("bo"), "bo", "yes", 0, starts)) == "rsvps-closed"


def test_that_end_moves_with_the_start() -> None:
    moved = change(tea(), "olga", version=1, changes={"starts_at": "2026-06-01T19:00:00"}, **BY_LEADER)
    assert isinstance(moved, list)
    assert evolve(tea(), moved[0], NOW).terms().closes == tea().times.starts + timedelta(minutes=30)


def closing_a_day_before() -> Event:
    return evolve(tea(), Changed("e", "olga", {"rsvp_closes_at": "PT24H"}, ()), NOW)


def test_rsvps_opened_by_hand_close_with_a_window_whose_end_moves_to_before_that() -> None:
    event = closing_a_day_before()
    hand, earlier = event.times.starts - 30 * HOUR, event.times.starts - 12 * HOUR
    opened = evolve(event, RsvpsOpened("e", "olga"), hand)
    assert opened.window == Window(None, event.times.starts - 24 * HOUR)
    moved = evolve(opened, Changed("e", "olga", {"starts_at": "2026-06-01T06:30:00"}, ()), hand + HOUR)
    assert (moved.times.starts, moved.window.closes) == (earlier, earlier - 24 * HOUR)
    rezoned = Rezoned("e", earlier, event.times.ends, None, earlier - 24 * HOUR, ())
    assert evolve(opened, rezoned, hand + HOUR).window == moved.window
    assert evolve(opened, Changed("e", "olga", {"title": "Cha"}, ()), hand + HOUR).by_hand == opened.by_hand


def test_rsvps_opened_by_hand_after_the_window_stay_open_wherever_its_end_moves() -> None:
    event = closing_a_day_before()
    opened = evolve(event, RsvpsOpened("e", "olga"), event.times.starts - 20 * HOUR)
    moved = evolve(opened, Changed("e", "olga", {"starts_at": "2026-06-01T06:30:00"}, ()), NOW)
    assert opened.window.closes == moved.window.closes == event.times.ends


def test_nobody_comes_outside_of_the_window() -> None:
    event = evening(opens=NOW + HOUR, closes=NOW + 2 * HOUR)
    assert reason(respond(event.desk("ada"), "ada", "yes", 0, NOW)) == "rsvps-not-open"
    event.now = NOW + HOUR
    assert event.yes("ada") == "yes"
    assert reason(respond(event.desk("bo"), "bo", "yes", 0, NOW + 2 * HOUR)) == "rsvps-closed"
    event.now = NOW + 2 * HOUR
    assert event.no("ada") == "no"


def test_answers_to_questions_are_kept_until_others_are_given() -> None:
    event = evening()
    event.yes("ada", answers=("Rye", "Two loaves"))
    assert event.rsvps["ada"].answers == ("Rye", "Two loaves")
    event.yes("ada", 1)
    assert event.rsvps["ada"].answers == ("Rye", "Two loaves")
    decided = respond(event.desk("ada"), "ada", "yes", 1, NOW, answers=("Rye", "Two loaves"))
    assert decided == Seated(event.ledger)
    again = respond(event.desk("ada"), "ada", "yes", 1, NOW, answers=("Wheat",))
    assert not isinstance(again, Refused)
    assert again.facts == (Answered("ada", ("Wheat",)),)
    assert reason(respond(event.desk("ada"), "ada", "yes", 1, NOW, answers=("a", "b", "c"))) == "too-many-answers"
