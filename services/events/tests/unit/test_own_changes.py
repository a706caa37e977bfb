"""A chapter's own changes survive whatever the network does, in any order and however late its copy looks."""

from dataclasses import asdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from services.events.tests.unit.networks import World, copied

from events_service.domain.copied import FOLLOWS
from events_service.domain.details import times
from events_service.domain.place import Place
from events_service.domain.refusal import Refused

ZONES = st.sampled_from(
    ["Pacific/Kiritimati", "Asia/Kolkata", "Europe/Berlin", "America/St_Johns", "Pacific/Pago_Pago"]
)
PLACES: list[dict[str, Any] | None] = [None, *(asdict(Place("physical", name)) for name in ("Café", "Library"))]


def wall(hours: tuple[int, ...]) -> st.SearchStrategy[str]:
    both = st.tuples(st.integers(8, 10), st.sampled_from(hours))
    return both.map(lambda day: f"2026-12-{day[0]:02}T{day[1]:02}:30:00")


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "title": st.sampled_from(["Tea", "Rye", "Sencha"]),
    "description": st.sampled_from(["", "Bring bread"]),
    "host_notes": st.sampled_from(["", "Blue door"]),
    "place": st.sampled_from(PLACES),
    "capacity": st.sampled_from([None, 5, 10]),
    "guest_limit": st.integers(0, 2),
    "topics": st.sampled_from([(), ("Tea",), ("Tea", "Rye")]),
    "attendee_list": st.sampled_from(["hidden", "members", "everyone"]),
    "starts_at": wall((9, 18)),
    "ends_at": wall((12, 22)),
    "rsvp_opens_at": st.sampled_from([None, "P5D", "P3D"]),
    "rsvp_closes_at": st.sampled_from([None, "PT2H", "P4D"]),
    "promotion": st.sampled_from([{"mode": "manual"}, {"mode": "instant"}, {"max_skips": 1}]),
}
CHANGES = st.fixed_dictionaries({}, optional=FIELDS)
ACTS: st.SearchStrategy[list[Any]] = st.lists(
    st.one_of(st.tuples(st.sampled_from(["network", "chapter"]), CHANGES), st.just(("look", {}))), max_size=12
)
ABSOLUTE = st.sampled_from(["2026-12-08T12:00:00", "2026-12-09T20:00:00Z"])
ODD = st.fixed_dictionaries({}, optional={**FIELDS, "rsvp_closes_at": ABSOLUTE, "timezone": ZONES})
ODD_ACTS: st.SearchStrategy[list[Any]] = st.lists(
    st.one_of(st.tuples(st.just("network"), CHANGES), st.tuples(st.just("chapter"), ODD), st.just(("look", {}))),
    max_size=12,
)
GROUPS = ({"starts_at", "ends_at", "timezone"}, {"rsvp_opens_at", "rsvp_closes_at"})


class Naive:
    """What a reader of the rules would write down: two sheets of paper and a list of what was crossed out."""

    def __init__(self, world: World) -> None:
        self.network = dict(_details(world))
        self.chapter = dict(_details(world))
        self.own: set[str] = set()

    def edit(self, changes: dict[str, Any]) -> None:
        _write(self.network, changes)

    def patch(self, changes: dict[str, Any]) -> None:
        before = dict(self.chapter)
        _write(self.chapter, changes)
        self.own |= {name for name in changes if self.chapter[name] != before[name]}
        for group in GROUPS:
            self.own |= group if group & self.own else set()

    def look(self) -> None:
        self.chapter |= {name: value for name, value in self.network.items() if name not in self.own}


def _write(sheet: dict[str, Any], changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        sheet[name] = {**sheet[name], **value} if name == "promotion" else value


def _details(world: World) -> dict[str, Any]:
    assert world.event is not None
    return {name: value for name, value in asdict(world.event.details).items() if name in FOLLOWS}


@settings(deadline=None)
@given(ZONES, ACTS)
def test_a_copy_is_what_the_network_wants_but_for_what_the_chapter_changed(zone: str, acts: list[Any]) -> None:
    world = copied(timezone=zone)
    naive = Naive(world)
    for who, changes in [*acts, ("look", {})]:
        if who == "network" and world.edit(**changes) is None:
            naive.edit(changes)
        elif who == "chapter" and world.patch(changes) is None:
            naive.patch(changes)
        elif who == "look":
            world.look()
            naive.look()
        assert _details(world) == naive.chapter
    assert world.event is not None
    assert world.event.origin is not None
    assert world.event.origin.left == ()


@settings(deadline=None)
@given(ZONES, ODD_ACTS)
def test_what_is_the_chapters_stays_and_what_is_not_is_the_networks_or_shown_as_left(
    zone: str, acts: list[Any]
) -> None:
    """Also where the two do not fit together: a chapter's RSVPs that close at an instant, after a start that moves."""
    world = copied(timezone=zone)
    for who, changes in [*acts, ("look", {})]:
        assert world.event is not None
        own, before = set(world.event.own), asdict(world.event.details)
        if who == "network":
            world.edit(**changes)
        elif who == "chapter":
            world.patch(changes)
        else:
            world.look()
            after = asdict(world.event.details)
            assert {name: after[name] for name in own} == {name: before[name] for name in own}
    assert world.event is not None
    assert world.event.origin is not None
    kept = {*world.event.own, *world.event.origin.left}
    for group in GROUPS:
        kept |= group if group & set(world.event.own) else set()
    wanted, found = asdict(world.network_event.details), asdict(world.event.details)
    for name in FOLLOWS - kept - {"attendee_list"}:
        assert found[name] == wanted[name], name
    assert not isinstance(times(world.event.details), Refused)
    assert world.event.origin.version == world.network_event.version
