"""The real journal and relay among simulated servers, by seed: the properties hold, and planted bugs are found.

A failing seed is told step by step by `python -m model.soak --seed N` in this package's parent folder.
"""

from collections.abc import Iterator

import pytest

from model.clockwork import silence
from model.mutations import JOURNAL_BUGS, RELAY_BUGS, TILTED, Plant, tilted
from model.run import as_drawn, failure
from model.soak import story

SEEDS = 1000
CHUNK = 100
BUG_SEEDS = 600


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    with silence():
        yield


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_every_seed_holds(first: int) -> None:
    wrong = next((seed for seed in range(first, first + CHUNK) if failure(seed)), None)
    assert wrong is None, story(wrong or 0)


@pytest.mark.parametrize("seed", [1, 7])
def test_a_seed_tells_the_same_story_twice(seed: int) -> None:
    assert story(seed) == story(seed)


@pytest.mark.parametrize("plant", JOURNAL_BUGS + RELAY_BUGS, ids=lambda plant: plant.__name__)
def test_the_model_finds_one_that(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    arrange = tilted if plant in TILTED else as_drawn
    assert any(failure(seed, arrange=arrange) for seed in range(BUG_SEEDS)), (
        f"all seeds hold with one that {plant.__name__}"
    )
