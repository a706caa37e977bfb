"""The same seed does the same; big runs add up; whatever is not as promised is said."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from convene.chaos.fault import Fault
from convene.chaos.judge import all_turns, answers, delays, problems, stays_flat, was_cut
from convene.chaos.matrix import LEG, SCENARIOS, legs
from convene.chaos.report import Row, page, write
from convene.chaos.scenario import Happened, Played, Scenario
from convene.commands.chaos import choose
from convene.parts.trouble import Unavailable

SCENARIO = replace(SCENARIOS[0], must=())
HAPPENED = Happened(
    Fault("kill", "events", 0.5),
    "events",
    at_request=350,
    lasted_s=0.0,
    during=0,
    grown_mb=0.0,
    ready_s=3.0,
    answered_s=3.2,
    told_s=3.4,
)
PLAYED = Played(
    scenario="kills",
    seed=1,
    requests={"accepted": 700},
    cut=20,
    rates=(400.0,),
    p99_s=3.0,
    happened=(HAPPENED,),
    wrong={"lost": 0},
    repeated_mails=1,
    other_answers=0,
    settled=True,
    busy=2.0,
    calm=512.0,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_seed_decides_the_faults(scenario: Scenario) -> None:
    first, again, other = (scenario.schedule(Random(seed)) for seed in (5, 5, 6))
    assert first == again
    faults = [fault for some in first for fault in some]
    assert faults
    assert all(0 < fault.at < 1 for fault in faults)
    assert first != other


def test_every_row_that_processes_can_be_killed_for_is_played() -> None:
    assert {row for scenario in SCENARIOS for row in scenario.rows} >= {1, 2, 3, 4, 6, 9, 13, 19, 20, 21}
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize(("faults", "requests"), [(200, 200_000), (10, 10_000), (33, 1_000)])
def test_the_legs_of_a_big_run_add_up(faults: int, requests: int) -> None:
    made = legs(faults, requests, seed=4)
    rounds = [scenario.schedule(Random(seed)) for scenario, seed in made]
    assert sum(len(some) for leg in rounds for some in leg) == faults
    assert all(sum(map(len, leg)) <= LEG for leg in rounds)
    sent = sum(scenario.setting.requests * len(leg) for (scenario, _), leg in zip(made, rounds, strict=True))
    assert requests <= sent <= requests + sum(map(len, rounds))
    assert all(one.setting.members * one.setting.events >= one.setting.requests for one, _ in made)
    assert len({seed for _, seed in made}) == len(made)


def test_nothing_is_said_when_all_is_as_promised() -> None:
    assert problems(SCENARIO, PLAYED) == delays(SCENARIO, PLAYED) == []


@pytest.mark.parametrize(
    ("played", "said"),
    [
        (replace(PLAYED, wrong={"lost": 2}), "lost: 2"),
        (replace(PLAYED, other_answers=1), "1 repeats under the same key were answered differently"),
        (replace(PLAYED, settled=False), "the books do not settle"),
        (replace(PLAYED, happened=(replace(HAPPENED, told_s=None),)), "kill events: no recovery"),
    ],
)
def test_what_is_wrong_is_said(played: Played, said: str) -> None:
    assert problems(SCENARIO, played) == [said]


def test_a_slow_recovery_is_said_but_not_called_wrong() -> None:
    late = replace(PLAYED, happened=(replace(HAPPENED, ready_s=11.0, told_s=61.0),))
    assert problems(SCENARIO, late) == []
    assert delays(SCENARIO, late) == [
        "kill events: all were ready after 11.0 s, not within 10 s",
        "kill events: an RSVP was in the inbox after 61.0 s, not within 60 s",
    ]
    assert Row(SCENARIO, 1, late, [], delays(SCENARIO, late)).verdict == "right, but slow"


def test_what_a_scenario_demands_besides() -> None:
    assert list(answers(1)(PLAYED)) == ["kill events: only 0 answers in 0 s"]
    assert list(stays_flat(replace(PLAYED, happened=(replace(HAPPENED, grown_mb=65.0),))))
    assert list(was_cut(replace(PLAYED, cut=0)))
    assert list(all_turns(replace(PLAYED, turns={"inversions": 0, "skips": 2, "by_hand": 0}))) == [
        "nothing was by hand"
    ]
    assert not [*stays_flat(PLAYED), *was_cut(PLAYED), *all_turns(replace(PLAYED, turns={"claimed": 1}))]


def test_the_report_holds_seed_counts_and_recoveries(tmp_path: Path) -> None:
    rows = [Row(SCENARIO, 1, PLAYED, [], []), Row(SCENARIO, 2, None, ["could not be played: Unavailable: no port"], [])]
    text = page(rows, on="2026-11-25", command="convene chaos --seed 1")
    assert "| kills | 1, 2, 4, 6 | 1 | 1 | 700 | 0 | 0 | 0 | 1 | 400 | 512 | as promised |" in text
    assert "| kill events | 1 | 3.0 (3.0) | 3.2 (3.2) | 3.4 (3.4) |" in text
    assert "- kills, seed 2: could not be played" in text
    write(tmp_path / "deep" / "chaos.md", rows, on="2026-11-25", command="convene chaos --seed 1")
    assert '"clean": false' in (tmp_path / "deep" / "chaos.json").read_text()


def test_scenarios_are_chosen_by_row_or_name() -> None:
    assert [scenario.name for scenario in choose("21", "")] == ["power-off"]
    assert [scenario.name for scenario in choose("", "hot-event, kills")] == ["kills", "hot-event"]
    assert choose("", "") == list(SCENARIOS)
    with pytest.raises(Unavailable, match="no such scenario"):
        choose("99", "")
