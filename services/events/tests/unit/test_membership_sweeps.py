"""A sweep's steps: each goes on behind the last one, all lanes get their part, and changed lanes begin anew."""

from datetime import UTC, datetime
from typing import Any

from chassis.journal import Command
from chassis.journal.documents import Documents, Query
from chassis.journal.slots import lane_index
from events_service.domain.membership import STEPS
from events_service.handlers.membership import SETTLE, decide_settle
from events_service.messages import tell_sweep
from events_service.store.membership import SWEEPS, SweepStore, sweep_aggregate

NOW = datetime(2026, 11, 25, tzinfo=UTC)
BODY: dict[str, Any] = {"group_id": "g", "member_id": "ada", "state": "left", "version": 2}
FULL = [f"e{number:03}" for number in range(STEPS)]


def step(lanes: int, events: list[str], /, **body: Any) -> tuple[Query, list[Command]]:
    """What one step looks at and what it hands over, when these are the events of the RSVPs there."""
    command = Command("c", SETTLE, sweep_aggregate("g", "ada"), {**BODY, **body})
    store, documents = SweepStore(), Documents(lanes)
    _, query = store.reads(command, documents)
    assert isinstance(query, Query)
    documents.load(SWEEPS, [command.aggregate], [])
    rsvp = {"live": True, "status": "yes", "seen": 1, "starts": NOW}
    documents.load_range(query, [{**rsvp, "_id": f"{name}:ada", "event_id": name} for name in events])
    outcome = decide_settle(store.load(command, documents), command, NOW)
    return query, list(tell_sweep(command, outcome, NOW).children)


def sweeps(children: list[Command]) -> list[Command]:
    return [child for child in children if child.name == SETTLE]


def test_a_full_step_is_followed_by_one_behind_its_last() -> None:
    query, children = step(1, FULL)
    (further,) = sweeps(children)
    assert query.after == ""
    assert further.body["after"] == "e199:ada"
    assert step(1, ["f"], **further.body)[0].after == "e199:ada"


def test_the_last_step_is_followed_by_none() -> None:
    assert sweeps(step(1, FULL[1:])[1]) == []


def test_a_step_without_rsvps_of_its_own_lane_goes_on() -> None:
    lane = lane_index(sweep_aggregate("g", "ada"), 2)
    others = [name for name in (f"e{number}" for number in range(1000)) if lane_index(name, 2) != lane][:STEPS]
    (further,) = step(2, others, lanes=2)[1]
    assert further.body["after"] == f"{others[-1]}:ada"


def test_every_lane_gets_its_part_once() -> None:
    elsewhere = sweeps(step(4, [])[1])
    own = lane_index(sweep_aggregate("g", "ada"), 4)
    assert sorted(lane_index(sweep.aggregate, 4) for sweep in elsewhere) == sorted({0, 1, 2, 3} - {own})
    assert all(sweep.body["lanes"] == 4 for sweep in elsewhere)
    assert sweeps(step(4, [], lanes=4)[1]) == []


def test_a_step_among_other_lanes_than_the_last_begins_anew_and_so_do_the_others() -> None:
    query, children = step(2, FULL, lanes=1, after="e500:ada")
    assert query.after == ""
    other, further = sweeps(children)
    assert (other.body["lanes"], other.body["after"]) == (2, "")
    assert (further.body["lanes"], further.body["after"]) == (2, "e199:ada")


def test_a_sweep_left_with_one_lane_begins_anew_once() -> None:
    query, (*_, further) = step(1, FULL, lanes=2, after="e500:ada")
    assert query.after == ""
    assert step(1, [], **further.body)[0].after == "e199:ada"
