"""Rule 9.9 and 9.8: leaders add, promote and take out by hand, also over the capacity, which is logged and shown."""

from dataclasses import replace

from events_service.domain import stewarding
from events_service.domain.group import OUTSIDER, Membership
from events_service.domain.hosting import reseat
from events_service.domain.place import FIRST_ROOM
from events_service.domain.promotion import AT_ONCE, Promotion

from .rules import NOW, STARTS, Evening, evening, reason


def add(
    event: Evening, who: str, guests: int = 0, *, override: bool = False, membership: Membership | None = None
) -> str:
    desk = event.desk(who) if membership is None else event.desk(who, membership)
    return event.take(stewarding.add(desk, who, guests, by="olga", override=override, now=event.now))


def promote(event: Evening, who: str, *, override: bool = False) -> str:
    return event.take(stewarding.promote(event.desk(who), by="olga", override=override, now=event.now))


def full(promotion: Promotion = AT_ONCE) -> Evening:
    event = evening(2, promotion=promotion)
    assert [event.yes(who) for who in ("ada", "bo", "cy", "dee")] == ["yes", "yes", "waitlist", "waitlist"]
    return event


def test_a_leaders_yes_stands_in_line_like_anybodys() -> None:
    event = full()
    assert add(event, "eve") == ""
    assert event.status("eve") == "waitlist"


def test_a_leader_adds_over_capacity_and_the_event_is_full_until_seats_used_fall_below_it() -> None:
    event = full()
    assert add(event, "eve", 1, override=True) == ""
    assert (event.status("eve"), event.rsvps["eve"].override) == ("yes", True)
    assert (event.ledger.seats, event.ledger.over, event.ledger.oversold) == (4, 2, False)
    event.no("ada")
    assert (event.ledger.seats, event.ledger.over, event.status("cy")) == (3, 1, "waitlist")
    event.no("bo")
    assert (event.ledger.seats, event.ledger.over, event.status("cy")) == (2, 0, "waitlist")
    event.no("eve")
    assert (event.status("cy"), event.status("dee")) == ("yes", "yes")


def test_an_override_is_only_what_it_had_to_be() -> None:
    event = evening(2)
    add(event, "ada", override=True)
    assert (event.rsvps["ada"].override, event.ledger.over) == (False, 0)
    assert event.moves[0].by == "olga"
    event = full()
    event.ledger = event.ledger.of_capacity(3)
    add(event, "eve", override=True)
    assert (event.rsvps["eve"].override, event.ledger.over) == (True, 0)


def test_who_is_first_in_line_and_let_in_on_a_free_seat_passes_nobody() -> None:
    event = full(Promotion("manual"))
    event.yes("eve")
    event.no("ada")
    assert add(event, "cy", override=True) == ""
    assert (event.status("cy"), event.rsvps["cy"].override) == ("yes", False)
    event.no("bo")
    assert add(event, "eve", override=True) == ""
    assert (event.status("dee"), event.rsvps["eve"].override) == ("waitlist", True)
    assert [(move.member_id, move.override) for move in event.moves] == [("cy", False), ("eve", True)]
    found = event.tallies[FIRST_ROOM]
    assert (found.by_hand, found.overrides, found.inversions) == (2, 1, 0)


def test_who_can_never_have_a_seat_is_not_passed_by_whoever_is_let_in() -> None:
    event = evening(3, promotion=Promotion("manual"))
    for who, guests in (("ada", 2), ("bo", 2), ("cy", 0)):
        event.yes(who, guests)
    event.no("ada")
    event.ledger = event.ledger.of_capacity(2)
    assert add(event, "cy", override=True) == ""
    assert (event.status("bo"), event.rsvps["cy"].override) == ("waitlist", False)


def test_more_guests_before_others_who_wait_are_an_override_though_they_have_their_own_place() -> None:
    event = full(Promotion("manual"))
    event.no("bo")
    assert add(event, "ada", 1, override=True) == ""
    assert (event.ledger.seats, event.rsvps["ada"].override) == (2, True)


def test_the_override_stays_known_while_the_place_is_kept() -> None:
    event = full()
    add(event, "eve", 1, override=True)
    event.yes("eve", 0)
    assert event.rsvps["eve"].override
    event.no("eve")
    assert not event.rsvps["eve"].override


def test_a_leader_promotes_whom_they_choose_and_the_others_keep_their_turn() -> None:
    event = full(Promotion("manual"))
    assert promote(event, "dee") == "no-free-seat"
    event.no("ada")
    assert promote(event, "dee") == ""
    assert (event.status("dee"), event.status("cy"), event.rsvps["cy"].skips) == ("yes", "waitlist", 0)
    assert promote(event, "dee") == ""
    assert promote(event, "eve") == "not-waiting"
    assert promote(event, "cy", override=True) == ""
    assert (event.ledger.seats, event.ledger.over, event.rsvps["cy"].override) == (3, 1, True)


def test_a_leader_may_give_a_seat_that_is_offered_to_them_anyway() -> None:
    event = full(Promotion("offer"))
    event.no("ada")
    assert event.status("cy") == "offered"
    assert promote(event, "cy") == ""
    assert (event.status("cy"), event.ledger.held, event.rsvps["cy"].override) == ("yes", 0, False)


def test_whom_a_leader_takes_out_makes_room_for_the_next() -> None:
    event = full()
    assert event.take(stewarding.drop(event.desk("ada"), by="olga", now=NOW)) == ""
    assert (event.status("ada"), event.status("cy")) == ("no", "yes")
    assert event.take(stewarding.drop(event.desk("ada"), by="olga", now=NOW)) == ""
    assert reason(stewarding.drop(event.desk("eve"), by="olga", now=NOW)) == "no-rsvp"


def test_who_may_not_come_is_not_added_either() -> None:
    event = full()
    assert add(event, "eve", override=True, membership=Membership("banned", "member", 2)) == "not-allowed"
    # not in an open group either: nobody is made a member, or public, by somebody else's word
    assert event.group.join_mode == "open"
    assert add(event, "eve", override=True, membership=OUTSIDER) == "not-a-member"
    assert add(event, "eve", 9, override=True) == "too-many-guests"
    event.now = STARTS
    assert add(event, "eve", override=True) == ""
    event.now = event.terms.ends
    assert add(event, "fay", override=True) == "event-past"


def test_hosts_change_seats_within_what_leaders_have_given() -> None:
    event = full()
    add(event, "eve", override=True)
    hosting = replace(event.terms, hosts=("ada",))
    changes = reseat(hosting, event.ledger, (), event.rsvps.get)
    assert isinstance(changes, list)
    assert [change.seats for change in changes] == [0]
    event.terms = hosting
    event.take(stewarding.drop(event.desk("ada"), by="olga", now=NOW))
    again = reseat(replace(hosting, hosts=("bo",)), event.ledger, ("cy",), event.rsvps.get)
    assert isinstance(again, list)
