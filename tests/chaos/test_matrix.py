"""Each scenario of `convene chaos`, with a seed that is always the same: what callers heard must be what there is."""

from pathlib import Path

import pytest

from convene.chaos.judge import problems
from convene.chaos.matrix import SCENARIOS
from convene.chaos.play import play
from convene.chaos.scenario import Scenario

SEED = 1

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_all_is_as_promised(scenario: Scenario, testkit_dir: Path) -> None:
    played = await play(scenario, SEED, testkit_dir / f"chaos-{scenario.name}", print)
    assert problems(scenario, played) == []
