"""What a copy makes of what its network event wants of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from events_service.domain import chapter
from events_service.domain.event import Cancelled, Changed, Deleted, Published
from events_service.domain.origin import Detached, Followed

from .networks import DETAILS, copied, group, reason


def test_looking_again_changes_nothing() -> None:
    world = copied()
    assert world.look() == []
    world.edit(title="Rye")
    assert [type(fact) for fact in world.look()] == [Changed, Followed]
    assert world.look() == []


def test_an_edit_reaches_a_copy_but_for_what_its_chapter_changed() -> None:
    world = copied()
    assert world.patch({"title": "Sencha", "capacity": 3}) is None
    world.edit(title="Rye", description="Bring bread", capacity=50)
    [changed, followed] = world.look()
    assert (changed.changes, changed.told) == ({"description": "Bring bread"}, ())
    assert followed == Followed(world.event.id if world.event else "", 2, ())
    assert world.event is not None
    assert (world.event.details.title, world.event.details.capacity) == ("Sencha", 3)
    assert world.event.details.description == "Bring bread"


def test_a_chapter_that_changed_the_start_has_changed_the_end_too() -> None:
    world = copied()
    world.patch({"starts_at": "2026-12-08T17:00:00"})
    world.edit(starts_at="2026-12-15T18:30:00", ends_at="2026-12-15T21:00:00")
    assert [type(fact) for fact in world.look()] == [Followed]
    assert world.event is not None
    assert (world.event.details.starts_at, world.event.details.ends_at) == ("2026-12-08T17:00:00", DETAILS.ends_at)


def test_a_new_wall_time_is_a_new_instant_in_each_zone_and_people_are_told() -> None:
    for zone, hour in (("Europe/Berlin", 18), ("America/Los_Angeles", 27)):
        world = copied(timezone=zone)
        world.edit(starts_at="2026-12-15T19:00:00", ends_at="2026-12-15T21:00:00")
        [changed, _] = world.look()
        assert changed.told == ("starts_at", "ends_at")
        assert world.event is not None
        assert world.event.times.starts == datetime(2026, 12, 15, tzinfo=UTC) + timedelta(hours=hour)


def test_what_follows_is_no_edit_of_the_chapters_and_an_edit_that_changes_nothing_here_makes_no_view_stale() -> None:
    world = copied()
    world.edit(title="Rye")
    world.look()
    assert world.event is not None
    assert world.event.own == ()
    world.patch({"capacity": 3})
    version = world.event.version
    world.edit(capacity=7)
    world.look()
    assert (world.event.version, world.event.origin and world.event.origin.version) == (version, 3)


def test_a_capacity_that_is_below_the_seats_is_left_and_shows_and_is_tried_again() -> None:
    world = copied()
    world.ledger = replace(world.ledger, seats=5)
    world.edit(capacity=3, title="Rye")
    world.look()
    assert world.event is not None
    assert (world.event.details.title, world.event.details.capacity) == ("Rye", 10)
    assert world.left() == ("capacity",)
    world.ledger = replace(world.ledger, seats=2)
    world.edit(title="Wheat")
    world.look()
    assert (world.event.details.title, world.event.details.capacity) == ("Wheat", 3)
    assert world.left() == ()


def test_a_time_that_is_over_in_a_chapters_zone_is_left_there() -> None:
    world = copied(timezone="Pacific/Auckland")
    world.now = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert world.edit(starts_at="2026-12-01T18:00:00", ends_at="2026-12-01T19:00:00", title="Rye") is None
    world.look()
    assert world.event is not None
    assert (world.event.details.title, world.event.details.starts_at) == ("Rye", DETAILS.starts_at)
    assert world.left() == ("ends_at", "starts_at")


def test_what_has_begun_is_not_touched() -> None:
    world = copied(timezone="Pacific/Auckland")
    assert world.event is not None
    world.now = world.event.times.starts
    assert world.edit(title="Rye") is None, "it is to come in other zones"
    assert world.look() == []
    world.cancel()
    assert world.look() == []
    world.opt_out()
    assert world.look() == []


def test_publishing_opens_drafts_but_of_a_frozen_group() -> None:
    for status, facts in (("active", [Followed, Published]), ("frozen", [Followed])):
        world = copied(publish=False)
        world.group = replace(world.group, status=status)  # type: ignore[arg-type]  # one of them
        assert world.publish() is None
        assert [type(fact) for fact in world.look()] == facts
    world.group = group()
    world.edit(title="Rye")
    assert [type(fact) for fact in world.look()] == [Changed, Followed, Published]
    assert world.publish() is None


def test_cancelling_reaches_whoever_has_not_opted_out() -> None:
    for publish, opted_out, facts in (
        (True, False, [Cancelled]),
        (False, False, [Deleted]),
        (True, True, [Detached]),
        (False, True, [Deleted]),
    ):
        world = copied(publish=publish)
        if opted_out:
            assert world.opt_out() is None
        assert world.cancel() is None
        assert [type(fact) for fact in world.look()] == facts
        assert world.cancel() is None
        assert reason(world.edit(title="Rye")) == "network-event-cancelled"
        assert reason(world.publish()) == "network-event-cancelled"
        assert world.look() == []


def test_a_published_copy_whose_chapter_opts_out_is_its_own_and_a_draft_goes() -> None:
    world = copied()
    world.opt_out()
    assert [type(fact) for fact in world.look()] == [Detached]
    assert world.event is not None
    assert (world.event.status, world.event.origin, world.event.own) == ("published", None, ())
    world.edit(title="Rye")
    assert world.look() == []
    draft = copied(publish=False)
    draft.opt_out()
    assert [type(fact) for fact in draft.look()] == [Deleted]
    draft.edit(title="Rye")
    assert draft.look() == []


def test_a_group_that_leaves_keeps_its_event_also_a_draft() -> None:
    for publish in (True, False):
        world = copied(publish=publish)
        world.leave()
        assert [type(fact) for fact in world.look()] == [Detached]
        world.cancel()
        assert world.look() == []
        assert world.event is not None
        assert world.event.status == ("published" if publish else "draft")


def test_a_draft_that_was_thrown_away_is_not_made_again() -> None:
    world = copied(publish=False)
    world.event, world.thrown_away = None, True
    world.edit(title="Rye")
    assert world.look() == [], "also before the network event has heard of it"
    facts = chapter.thrown_away("olga", world.part)
    assert [type(fact).__name__ for fact in facts] == ["ChapterOptedOut"]
    assert chapter.thrown_away("olga", None) == []
