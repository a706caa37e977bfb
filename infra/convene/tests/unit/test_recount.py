"""The driver's own rules of seats and lines: each kind of damage is found, and nothing where all went by them.

The story: two seats; a and b have them; c waits for two, d for one, e for one; what happens then is each test's.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from convene.load.recount import CONTINUES, REACH, Recount, Step, recount
from convene.load.shown import Books, Decision, Entry, Said, Turns

EVENT = "e1"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(seconds=10)


class Story:
    """Decisions in a row, each person's `was` kept."""

    def __init__(self, capacity: int | None = 2, **books: Any) -> None:
        self.books = Books(capacity, 0, 0, 0, 0, [], False, 0, 0, **books)
        self.steps: list[Step] = []
        self.seq = 0
        self.was: dict[str, str] = {}
        self.edit(capacity)

    def edit(self, capacity: int | None, *decisions: Decision) -> None:
        self._command("event.change", decisions, NOW, Said(capacity))

    def did(self, *decisions: Decision, at: datetime = NOW, name: str = "rsvp.respond") -> None:
        self._command(name, decisions, at, None)

    def _command(self, name: str, decisions: tuple[Decision, ...], at: datetime, said: Said | None) -> None:
        entry = Entry(EVENT, len(self.steps) + 1, f"c{len(self.steps)}", name, (), at, said)
        self.steps.append(Step(entry, decisions))

    def one(self, member: str, kind: str, status: str, guests: int = 0, **more: Any) -> Decision:
        self.seq += 1
        was = more.pop("was", self.was.get(member))
        self.was[member] = status
        id_ = f"m{self.seq}"
        return Decision(id_, self.seq, kind, EVENT, member, ord(member[0]), was, status, guests, self.seq, **more)

    def offered(self, member: str, guests: int = 0) -> Decision:
        return self.one(member, "offered", "offered", guests, offer=f"{EVENT}.{self.seq + 1}", until=UNTIL)

    def found(self) -> Recount:
        return recount(EVENT, self.steps, self.books)


def begun(mode: str = "instant", **books: Any) -> Story:
    story = Story(mode=mode, **books)
    for member in "ab":
        story.did(story.one(member, "confirmed", "yes"))
    for member, guests in (("c", 1), ("d", 0), ("e", 0)):
        story.did(story.one(member, "waitlisted", "waitlist", guests))
    return story


def clean(story: Story) -> Turns:
    found = story.found()
    assert [*found.oversold, *found.inverted, *found.idle, *found.offers] == []
    return found.turns


def test_who_does_not_fit_is_passed_and_counted() -> None:
    story = begun()
    story.did(story.one("a", "declined", "no"), story.one("d", "promoted", "yes"))
    assert clean(story) == Turns(skips=1, promoted=1)
    assert story.found().skips == {"c": 1, "e": 0}


def test_offers_that_are_claimed_declined_and_expire() -> None:
    story = begun("offer")
    story.did(story.one("a", "declined", "no"), story.offered("d"))
    story.did(story.one("d", "declined", "no"), story.offered("e"))
    story.did(story.one("e", "expired", "no"), at=UNTIL)
    story.did(story.one("b", "declined", "no"), story.offered("c", 1))
    story.did(story.one("c", "promoted", "yes", 1), at=UNTIL - timedelta(milliseconds=1))
    found = story.found()
    assert found.idle == []
    assert clean(story) == Turns(skips=2, promoted=3, offers=3, claimed=1, declined=1, expired=1)


def test_a_leader_may_give_more_seats_than_there_are() -> None:
    story = begun()
    story.did(story.one("e", "admitted", "yes", by="lea", override=True))
    story.did(story.one("a", "declined", "no"))
    assert clean(story) == Turns(by_hand=1, overrides=1)
    assert story.found().over == 0


def test_where_leaders_choose_seats_stay_free() -> None:
    story = begun("manual")
    story.did(story.one("a", "declined", "no"))
    story.did(story.one("e", "admitted", "yes", by="lea"))
    assert clean(story) == Turns(by_hand=1)


def test_seats_gather_for_who_was_passed_too_often() -> None:
    story = begun(max_skips=1)
    story.did(story.one("a", "declined", "no"), story.one("d", "promoted", "yes"))
    story.did(story.one("b", "declined", "no"))
    assert clean(story).skips == 1


def test_another_capacity_counts_from_its_edit() -> None:
    story = begun()
    story.edit(4, story.one("c", "promoted", "yes", 1))
    assert clean(story).promoted == 1
    assert story.found().over == 0


def test_a_long_line_goes_on_by_a_command_of_its_own() -> None:
    story = begun()
    story.did(story.one("a", "declined", "no"))
    story.did(story.one("d", "promoted", "yes"), name=CONTINUES)
    assert clean(story) == Turns(skips=1, promoted=1)


@pytest.mark.parametrize("before", [REACH - 1, REACH])
def test_behind_so_many_who_do_not_fit_a_seat_may_stay_free(before: int) -> None:
    story = Story()
    story.did(story.one("a", "confirmed", "yes"))
    for number in range(before + 1):
        story.did(story.one(f"w{number}", "waitlisted", "waitlist", 1))
    story.did(story.one("z", "waitlisted", "waitlist"))
    assert story.found().idle == []
    story.did(story.one("w1", "declined", "no"))
    assert bool(story.found().idle) == (before < REACH)


def test_who_joins_a_line_waits_until_it_moves() -> None:
    story = Story()
    story.did(story.one("a", "confirmed", "yes"))
    story.did(story.one("c", "waitlisted", "waitlist", 1))
    story.did(story.one("d", "waitlisted", "waitlist"))
    story.did(story.one("d", "waitlisted", "waitlist", 1))
    story.did(story.one("e", "waitlisted", "waitlist"))
    assert clean(story) == Turns()
    story.did(story.one("d", "waitlisted", "waitlist"), story.one("d", "promoted", "yes"))
    assert clean(story) == Turns(skips=1, promoted=1)


def test_who_waits_follows_when_the_line_gets_shorter() -> None:
    story = Story()
    story.did(story.one("a", "confirmed", "yes"))
    story.did(story.one("c", "waitlisted", "waitlist", 1))
    story.did(story.one("d", "waitlisted", "waitlist"))
    story.did(story.one("c", "declined", "no"))
    assert story.found().idle
    story = Story()
    story.did(story.one("a", "confirmed", "yes"))
    story.did(story.one("c", "waitlisted", "waitlist", 1))
    story.did(story.one("d", "waitlisted", "waitlist"))
    story.did(story.one("c", "declined", "no"), story.one("d", "promoted", "yes"))
    assert clean(story).promoted == 1


def _newcomer(story: Story) -> None:
    story.did(story.one("a", "declined", "no"), story.one("f", "confirmed", "yes"))


def _more_guests(story: Story) -> None:
    story.did(story.one("a", "declined", "no"), story.one("b", "confirmed", "yes", 1))


def _before_who_fits(story: Story) -> None:
    story.did(story.one("a", "declined", "no"), story.one("e", "promoted", "yes"))


def _offered_before_who_fits(story: Story) -> None:
    story.did(story.one("a", "declined", "no"), story.offered("e"))


@pytest.mark.parametrize("mode", ["offer", "manual"])
def test_nobody_comes_up_otherwise_than_the_event_says(mode: str) -> None:
    story = begun(mode)
    story.did(story.one("a", "declined", "no"), story.one("d", "promoted", "yes"))
    assert story.found().inverted


def _passed_too_often(story: Story) -> None:
    for member, next_ in zip("adef", "defg", strict=True):
        if next_ not in story.was:
            story.did(story.one(next_, "waitlisted", "waitlist"))
        story.did(story.one(member, "declined", "no"), story.one(next_, "promoted", "yes"))


def _another_before(story: Story) -> None:
    story.did(story.one("a", "declined", "no", was="waitlist"), story.one("d", "promoted", "yes"))


def _one_too_many(story: Story) -> None:
    story.did(story.one("d", "promoted", "yes"))


def _an_offer_too_many(story: Story) -> None:
    story.did(story.offered("d"))


def _lowered_too_far(story: Story) -> None:
    story.edit(1)


def _leader_without_override(story: Story) -> None:
    story.did(story.one("d", "admitted", "yes", by="lea"))


def _more_after_an_override(story: Story) -> None:
    story.did(story.one("d", "admitted", "yes", by="lea", override=True))
    story.did(story.one("e", "admitted", "yes", by="lea"))


def _left_free(story: Story) -> None:
    story.did(story.one("a", "declined", "no"))


def _left_free_for_a_while(story: Story) -> None:
    story.did(story.one("a", "declined", "no"))
    story.did(story.one("f", "waitlisted", "waitlist"), story.one("d", "promoted", "yes"))


def _raised_for_nobody(story: Story) -> None:
    story.edit(5)


def _held_for_nobody(story: Story) -> None:
    """c may be passed twice more."""
    story.did(story.one("a", "declined", "no"), story.one("d", "promoted", "yes"))
    story.did(story.one("d", "declined", "no"))


def _claimed_late(story: Story) -> None:
    story.did(story.one("a", "declined", "no"), story.offered("d"))
    story.did(story.one("d", "promoted", "yes"), at=UNTIL)


def _expired_early(story: Story) -> None:
    story.did(story.one("a", "declined", "no"), story.offered("d"))
    story.did(story.one("d", "expired", "no"), story.offered("e"), at=NOW)


def _expired_and_claimed(story: Story) -> None:
    story.did(story.one("a", "declined", "no"), story.offered("d"))
    story.did(story.one("d", "expired", "no"), at=UNTIL)
    story.did(story.one("d", "promoted", "yes", was="offered"), at=UNTIL)


def _claimed_and_expired(story: Story) -> None:
    story.did(story.one("a", "declined", "no"), story.offered("d"))
    story.did(story.one("d", "promoted", "yes"))
    story.did(story.one("d", "expired", "no"), at=UNTIL)


def _called_otherwise(story: Story) -> None:
    story.did(story.one("a", "declined", "no"), story.one("d", "offered", "offered", offer="e1.1", until=UNTIL))


def _without_end(story: Story) -> None:
    story.did(story.one("a", "declined", "no"), story.one("d", "offered", "offered", offer=f"e1.{story.seq + 1}"))


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        ("inverted", _newcomer),
        ("inverted", _more_guests),
        ("inverted", _before_who_fits),
        ("inverted", _offered_before_who_fits),
        ("inverted", _passed_too_often),
        ("inverted", _another_before),
        ("oversold", _one_too_many),
        ("oversold", _an_offer_too_many),
        ("oversold", _lowered_too_far),
        ("oversold", _leader_without_override),
        ("oversold", _more_after_an_override),
        ("idle", _left_free),
        ("idle", _left_free_for_a_while),
        ("idle", _raised_for_nobody),
        ("idle", _held_for_nobody),
        ("offers", _claimed_late),
        ("offers", _expired_early),
        ("offers", _expired_and_claimed),
        ("offers", _claimed_and_expired),
        ("offers", _called_otherwise),
        ("offers", _without_end),
    ],
)
def test_damage_is_found(kind: str, damage: Callable[[Story], None]) -> None:
    story = begun()
    assert clean(story) == Turns()
    damage(story)
    assert getattr(story.found(), kind)
