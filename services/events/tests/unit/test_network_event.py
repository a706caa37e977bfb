"""Network events: who may, what they come to in each zone, and which chapters have a part in them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from events_service.domain import chapter, network_event
from events_service.domain.chapter import ChapterPlanned, ChapterSkipped
from events_service.domain.event import Created, Published
from events_service.domain.group import Membership
from events_service.domain.network_event import Reached

from .networks import DETAILS, LEADER, NETWORK, NOW, World, copied, group, made, reason

MEMBER = Membership("active", "member", 1)


def test_one_wall_time_is_an_instant_of_its_own_in_each_zone() -> None:
    zones = {"Pacific/Auckland": 5, "Europe/Berlin": 17, "America/Los_Angeles": 26}
    for zone, hour in zones.items():
        event = copied(timezone=zone).event
        assert event is not None
        assert (event.details.starts_at, event.details.timezone) == (DETAILS.starts_at, zone)
        assert event.times.starts == datetime(2026, 12, 8, tzinfo=UTC) + timedelta(hours=hour, minutes=30)
        assert event.times.closes == event.times.starts - timedelta(hours=2)


def test_the_copy_is_a_draft_or_open_at_once() -> None:
    for publish, status in ((False, "draft"), (True, "published")):
        event = copied(publish=publish).event
        assert event is not None
        assert (event.status, event.origin and event.origin.network_event_id) == (status, "x")


def test_the_attendee_list_is_the_chapters_unless_the_network_says() -> None:
    private = copied(visibility="private")
    lists = []
    for wanted in (None, "hidden"):
        assert wanted is None or private.edit(attendee_list=wanted) is None
        private.look()
        assert private.event is not None
        lists.append(private.event.details.attendee_list)
    assert lists == ["members", "hidden"]


@pytest.mark.parametrize("by", ["olga", "stranger"])
def test_only_admins_decide_about_the_network_event(by: str) -> None:
    found = made()
    wanted = network_event.create("y", by, DETAILS, listed=None, publish=True, network=NETWORK, now=NOW)
    assert reason(wanted) == "not-an-admin"
    edit = network_event.change(found, by, version=1, changes={"title": "Rye"}, network=NETWORK, now=NOW)
    assert reason(edit) == "not-an-admin"
    assert reason(network_event.publish(found, by, network=NETWORK, now=NOW)) == "not-an-admin"
    assert reason(network_event.extend(found, by, network=NETWORK, now=NOW)) == "not-an-admin"
    assert reason(network_event.cancel(found, by, network=NETWORK, now=NOW)) == "not-an-admin"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ends_at": DETAILS.starts_at}, "ends-before-start"),
        ({"rsvp_closes_at": "2026-12-08T12:00:00"}, "bad-rsvp-window"),
        ({"rsvp_opens_at": "PT1H"}, "bad-rsvp-window"),
        ({"starts_at": "2026-11-25T18:30:00", "ends_at": "2026-11-25T19:30:00"}, "starts-in-the-past"),
    ],
)
def test_what_could_be_held_nowhere_is_refused(changes: dict[str, str], why: str) -> None:
    wanted = replace(DETAILS, **changes)  # type: ignore[arg-type]  # texts
    found = network_event.create("y", "ada", wanted, listed=None, publish=True, network=NETWORK, now=NOW)
    assert reason(found) == why
    assert reason(copied().edit(**changes)) == why


def test_it_may_have_begun_in_the_east_while_it_is_to_come_in_the_west() -> None:
    east, west = [World(group(timezone=zone), made(), now=NOW) for zone in ("Pacific/Auckland", "America/Los_Angeles")]
    for world in (east, west):
        world.now = datetime(2026, 12, 8, 12, tzinfo=UTC)
        world.plan()
    assert east.is_now() == ("skipped", "starts-in-the-past")
    assert west.is_now() == ("planned", None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "frozen"}, "group-frozen"),
        ({"status": "closed"}, "group-closed"),
        ({"timezone": "Mars/Olympus"}, "unknown-timezone"),
    ],
)
def test_a_chapter_that_cannot_have_an_event_is_skipped_and_says_why(changes: dict[str, str], why: str) -> None:
    world = World(group(**changes), made())
    world.plan()
    assert world.is_now() == ("skipped", why)
    assert world.look() == []
    world.group = group()
    world.reach(anew=False)
    assert world.is_now() == ("skipped", why), "it is considered again when the network event is changed"
    world.reach()
    assert world.is_now() == ("planned", None)
    assert [type(fact) for fact in world.look()] == [Created, Published]


def test_a_wall_time_that_a_zone_leaves_out_is_the_next_there_is_and_one_that_is_empty_is_skipped() -> None:
    gap = replace(DETAILS, starts_at="2027-03-28T02:10:00", ends_at="2027-03-28T02:50:00", rsvp_closes_at=None)
    berlin, tokyo = [World(group(timezone=zone), made(details=gap)) for zone in ("Europe/Berlin", "Asia/Tokyo")]
    for world in (berlin, tokyo):
        world.plan()
    assert berlin.is_now() == ("skipped", "ends-before-start")
    assert [type(fact) for fact in tokyo.look()] == [Created, Published]


def test_a_step_names_the_chapters_that_are_to_look_and_where_the_next_begins() -> None:
    groups = [(group("a"), None), (group("b", status="frozen"), None), (group("c"), None)]
    facts = chapter.plan(made(), groups, id_of=lambda one: f"e-{one}", after="c", now=NOW)
    assert [type(fact) for fact in facts] == [ChapterPlanned, ChapterSkipped, ChapterPlanned, Reached]
    assert facts[-1] == Reached("x", ("a", "c"), "c")
    assert network_event.evolve(made(), facts[-1], NOW).going_round
    assert not network_event.evolve(made(), Reached("x", (), None), NOW).going_round


def test_where_it_has_begun_everywhere_nothing_is_decided_any_more() -> None:
    world = copied()
    world.now = datetime(2026, 12, 9, 6, 30, tzinfo=UTC)
    assert [reason(one) for one in (world.edit(title="Rye"), world.publish(), world.cancel())] == ["event-past"] * 3


def test_opting_out_is_for_the_chapters_leaders_and_the_networks_admins() -> None:
    world = copied()
    assert reason(world.opt_out("mia", MEMBER)) == "not-allowed"
    assert world.opt_out("olga", LEADER) is None
    assert world.opt_out("ada") is None, "twice changes nothing"
    assert world.is_now() == ("opted-out", None)
    stranger = chapter.opt_out(world.network_event, "ada", None, network=NETWORK, membership=MEMBER)
    assert reason(stranger) == "unknown-chapter"


def test_a_group_that_left_unheard_is_found_by_the_next_step_and_one_that_came_back_stays() -> None:
    world = copied()
    world.group = replace(world.group, network_id="another")
    world.reach()
    assert world.is_now() == ("left", None)
    back = copied()
    back._step(list(chapter.leave(back.network_event, back.part, back.group)))
    assert back.is_now() == ("planned", None)


def test_who_comes_later_is_brought_in_and_who_was_skipped_but_nobody_twice_or_against_their_will() -> None:
    new, skipped, gone = World(group(), made()), copied(status="frozen"), copied()
    gone.opt_out()
    left = copied()
    left.leave()
    left.group = replace(left.group, network_id="n")
    skipped.group = replace(skipped.group, status="active")
    for world, state, again in (
        (new, ("planned", None), True),
        (skipped, ("planned", None), True),
        (gone, ("opted-out", None), False),
        (left, ("left", None), False),
    ):
        before = world.network_event
        assert world.extend() is None
        assert (world.network_event.version, world.network_event.going_round) == (before.version, True)
        facts = world.plan()
        assert (world.is_now(), world.network_event.going_round) == (state, False)
        assert [type(fact) for fact in facts] == ([ChapterPlanned, Reached] if again else [Reached])
        assert world.plan() == [Reached("x", (), None)]


def test_whoever_can_not_be_brought_in_yet_is_skipped_once_and_nobody_where_it_is_off() -> None:
    world = World(group(status="frozen"), made())
    assert [type(fact) for fact in world.plan()] == [ChapterSkipped, Reached]
    assert world.plan() == [Reached("x", (), None)]
    world.group = replace(world.group, status="active")
    assert world.cancel() is None
    assert world.plan() == [Reached("x", (), None)], "it was called off while it went round"
    assert reason(world.extend()) == "network-event-cancelled"
    over = World(group(), made(), now=datetime(2026, 12, 9, 6, 30, tzinfo=UTC))
    assert reason(over.extend()) == "event-past"


def test_versions_count_and_a_stale_one_is_refused() -> None:
    world = copied()
    assert world.edit(title=DETAILS.title, attendee_list=None) is None
    assert world.network_event.version == 1
    found = network_event.change(
        world.network_event, "ada", network=NETWORK, version=7, changes={"title": "Rye"}, now=NOW
    )
    assert reason(found) == "stale-version"
