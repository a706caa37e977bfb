"""Rules 9.1 to 9.7, one by one: who gets a place, who waits, who asks, and what frees a seat."""

from dataclasses import replace
from datetime import timedelta

import pytest

from events_service.domain.admission import approve, release, respond
from events_service.domain.desk import Seated
from events_service.domain.details import Details
from events_service.domain.following import follow
from events_service.domain.group import OUTSIDER, Membership
from events_service.domain.hosting import reseat
from events_service.domain.ledger import evolve
from events_service.domain.promotion import Promotion
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import JoinAsked, Promoted

from .rules import GROUP, NOW, Evening, evening, reason

BANNED = Membership("banned", "member", 2)
LEFT = Membership("left", "member", 2)


def queue(capacity: int = 1, *, guests: int = 0) -> Evening:
    """ada has a seat; bo, with so many guests, and cy wait for one."""
    event = evening(capacity)
    assert [event.yes("ada", capacity - 1), event.yes("bo", guests), event.yes("cy")] == ["yes", "waitlist", "waitlist"]
    return event


def asked(event: Evening, who: str, membership: Membership) -> Seated | Refused:
    return respond(event.desk(who, membership), who, "yes", 0, NOW)


def test_a_person_has_one_rsvp_and_a_repeat_updates_it() -> None:
    event = evening(5)
    event.yes("ada")
    number = event.rsvps["ada"].number
    event.yes("ada", 2)
    event.no("ada")
    event.yes("ada", 1)
    assert (len(event.rsvps), event.rsvps["ada"].number, event.rsvps["ada"].guests) == (1, number, 1)


def test_the_same_answer_twice_changes_nothing() -> None:
    event = queue()
    for who in ("ada", "bo"):
        assert respond(event.desk(who), who, "yes", 0, NOW) == Seated(event.ledger)


def test_the_server_decides_between_a_place_and_the_line() -> None:
    event = evening(2)
    assert [event.yes(who) for who in ("ada", "bo", "cy")] == ["yes", "yes", "waitlist"]


def test_guests_take_seats() -> None:
    event = evening(3)
    assert [event.yes("ada", 1), event.yes("bo", 1)] == ["yes", "waitlist"]
    assert event.ledger.seats == 2


def test_there_are_two_guests_at_most_unless_the_event_says_otherwise() -> None:
    details = Details("Tea", "2026-06-01T18:30:00", "2026-06-01T21:00:00", "UTC", "everyone")
    assert details.guest_limit == 2
    event = evening(9, guest_limit=details.guest_limit)
    assert event.yes("ada", 2) == "yes"
    assert reason(respond(event.desk("bo"), "bo", "yes", 3, NOW)) == "too-many-guests"


def test_a_yes_never_loses_its_seat_by_asking_for_more_guests_than_fit() -> None:
    event = evening(2)
    event.yes("ada")
    event.yes("bo")
    before = event.rsvps["ada"]
    assert reason(respond(event.desk("ada"), "ada", "yes", 1, NOW)) == "guests-do-not-fit"
    assert event.rsvps["ada"] == before


def test_a_yes_gets_no_more_guests_while_anybody_waits() -> None:
    event = evening(3)
    assert [event.yes("ada", 1), event.yes("bo", 1)] == ["yes", "waitlist"]
    assert reason(respond(event.desk("ada"), "ada", "yes", 2, NOW)) == "guests-do-not-fit"


def test_a_party_larger_than_the_capacity_is_refused() -> None:
    event = evening(2)
    assert reason(respond(event.desk("ada"), "ada", "yes", 2, NOW)) == "party-too-large"


@pytest.mark.parametrize("guests", [2, 3])
def test_an_outsider_of_a_private_group_hears_no_numbers_of_its_event(guests: int) -> None:
    event = evening(2, guest_limit=2)
    event.group = replace(GROUP, visibility="private", join_mode="approval")
    states = (OUTSIDER, Membership("pending"), Membership("active"))
    told = [respond(event.desk("ada", state), "ada", "yes", guests, NOW) for state in states]
    assert all(isinstance(one, Refused) for one in told)
    assert [any(map(str.isdigit, one.detail)) for one in told if isinstance(one, Refused)] == [False, False, True]
    assert told[0] == told[1]


def test_hosts_take_no_seat_and_their_guests_do() -> None:
    event = evening(1, hosts=("hana",))
    assert [event.yes("hana"), event.yes("ada")] == ["yes", "yes"]
    assert respond(event.desk("hana"), "hana", "yes", 1, NOW) != Seated(event.ledger)
    assert event.ledger.seats == 1


def test_a_member_who_becomes_a_host_frees_their_seat() -> None:
    event = queue()
    hosted = replace(event.terms, hosts=("ada",))
    found = reseat(hosted, event.ledger, (), event.rsvps.get)
    assert isinstance(found, list)
    assert [(change.member_id, change.status, change.seats) for change in found] == [("ada", "yes", 0)]
    freed = evolve(event.ledger, found)
    facts = follow(replace(event.desk("nobody"), terms=hosted), freed, NOW)
    assert [fact.member_id for fact in facts if isinstance(fact, Promoted)] == ["bo"]


def test_an_rsvp_in_an_open_group_joins_it_with_the_version_it_saw() -> None:
    event = evening()
    decided = asked(event, "ada", LEFT)
    assert isinstance(decided, Seated)
    event.take(decided)
    assert event.status("ada") == "yes"
    assert [fact for fact in decided.facts if isinstance(fact, JoinAsked)] == [JoinAsked("g", "ada", LEFT.version)]


def test_an_rsvp_in_an_approval_group_is_a_request_and_takes_no_seat() -> None:
    event = replace(evening(1), group=replace(GROUP, join_mode="approval"))
    decided = asked(event, "ada", OUTSIDER)
    assert isinstance(decided, Seated)
    event.take(decided)
    assert (event.status("ada"), event.ledger.seats, event.ledger.waiting) == ("requested", 0, 0)
    assert [fact for fact in decided.facts if isinstance(fact, JoinAsked)] != []
    assert event.yes("bo") == "yes"


def test_a_request_keeps_its_time_of_asking() -> None:
    event = replace(evening(1), group=replace(GROUP, join_mode="approval"))
    event.take(asked(event, "ada", OUTSIDER))
    assert [event.yes("bo"), event.yes("cy")] == ["yes", "waitlist"]
    event.take(approve(event.desk("ada"), 1, NOW))
    event.no("bo")
    assert (event.status("ada"), event.status("cy")) == ("yes", "waitlist")


@pytest.mark.parametrize(
    ("join_mode", "membership"), [("closed", OUTSIDER), ("open", BANNED), ("approval", BANNED), ("closed", LEFT)]
)
def test_outsiders_of_a_closed_group_and_the_banned_are_refused(join_mode: str, membership: Membership) -> None:
    event = replace(evening(), group=replace(GROUP, join_mode=join_mode))  # type: ignore[arg-type] # from the table
    assert reason(asked(event, "ada", membership)) == "not-allowed"


def test_whoever_is_out_of_the_group_by_then_loses_the_seat_and_who_waits_follows() -> None:
    event = queue()
    event.take(release(event.desk("ada", LEFT), 2, NOW))
    assert [event.status(who) for who in ("ada", "bo", "cy")] == ["no", "yes", "waitlist"]


def test_whoever_rsvped_with_a_later_membership_in_view_keeps_the_seat() -> None:
    event = evening()
    event.take(asked(event, "ada", Membership("active", "member", 3)))
    event.take(release(event.desk("ada", LEFT), 3, NOW))
    assert event.status("ada") == "yes"


def test_the_line_is_in_the_order_of_acceptance() -> None:
    event = queue()
    event.no("bo")
    assert event.yes("bo") == "waitlist"
    event.no("ada")
    assert [event.status(who) for who in ("cy", "bo")] == ["yes", "waitlist"]


def test_a_party_that_does_not_fit_keeps_its_place() -> None:
    event = queue(2, guests=1)
    event.yes("ada")
    assert [event.status(who) for who in ("bo", "cy")] == ["waitlist", "yes"]
    event.no("cy")
    event.no("ada")
    assert event.status("bo") == "yes"


def test_while_anyone_waits_no_newcomer_takes_a_seat() -> None:
    event = evening(3)
    assert [event.yes("ada", 1), event.yes("bo", 1)] == ["yes", "waitlist"]
    assert (event.ledger.fits(1), event.yes("cy")) == (True, "waitlist")


def test_a_no_frees_a_seat_at_once() -> None:
    event = queue()
    event.no("ada")
    assert event.status("bo") == "yes"


def test_fewer_guests_free_seats_at_once() -> None:
    event = queue(2)
    event.yes("ada")
    assert [event.status(who) for who in ("bo", "cy")] == ["yes", "waitlist"]


def test_a_raised_capacity_frees_seats_at_once() -> None:
    event = queue()
    raised = event.ledger.of_capacity(3)
    facts = follow(event.desk("nobody"), raised, NOW)
    assert [fact.member_id for fact in facts if isinstance(fact, Promoted)] == ["bo", "cy"]


def test_an_expired_offer_frees_its_seat_at_once() -> None:
    event = evening(1, promotion=Promotion("offer", offer_ttl=3600))
    for who in ("ada", "bo", "cy"):
        event.yes(who)
    event.no("ada")
    event.now += timedelta(hours=1)
    event.worker()
    assert [event.status(who) for who in ("bo", "cy")] == ["no", "offered"]


def held_up() -> Evening:
    """bo's two have been passed as often as may be: the free seat gathers for them, and cy waits behind."""
    event = evening(2, promotion=Promotion(max_skips=0))
    assert [event.yes("ada"), event.yes("bo", 1), event.yes("cy")] == ["yes", "waitlist", "waitlist"]
    assert event.ledger.fits(1)
    return event


def test_leaving_the_line_lets_those_behind_through() -> None:
    event = held_up()
    event.no("bo")
    assert event.status("cy") == "yes"


def test_a_waiting_party_that_shrinks_keeps_its_place_and_may_fit_now() -> None:
    event = held_up()
    event.yes("bo")
    assert [event.status(who) for who in ("bo", "cy")] == ["yes", "waitlist"]


def test_a_no_of_somebody_unknown_is_noted_and_asks_for_no_membership() -> None:
    event = evening()
    decided = respond(event.desk("ada", OUTSIDER), "ada", "no", 0, NOW)
    assert isinstance(decided, Seated)
    assert not [fact for fact in decided.facts if isinstance(fact, JoinAsked)]
    assert event.ledger.seats == 0


def test_every_decision_has_the_next_number_of_its_event() -> None:
    event = queue()
    assert [event.rsvps[who].seq for who in ("ada", "bo", "cy")] == [1, 2, 3]
    event.no("ada")
    assert [event.rsvps[who].seq for who in ("ada", "bo")] == [4, 5]
    assert event.rsvps["bo"].number == 2, "promotion changes the same record"


def test_without_a_limit_everybody_has_a_place() -> None:
    event = evening(None)
    assert [event.yes(f"m{n}", 3) for n in range(50)] == ["yes"] * 50
