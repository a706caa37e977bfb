"""The judge of planted damage judges the right pass."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from testkit.planting import Progress, found_in_a_pass, nothing_wrong


def passing(found: Callable[[int], Mapping[str, int] | None]) -> Progress:
    """A reconciler that ends a pass before each look at it; found: by number of the pass."""
    passes = 0

    async def progress() -> Mapping[str, Any]:
        nonlocal passes
        passes += 1
        return {"reconcile": {"held": True, "passes": passes, "wrong": found(passes)}}

    return progress


async def test_damage_that_the_pass_under_way_misses_is_found_by_the_next() -> None:
    await found_in_a_pass(passing(lambda number: {"lost": 1} if number > 2 else {}), "lost")


async def test_damage_that_a_whole_pass_misses_is_not_found() -> None:
    with pytest.raises(AssertionError, match="not lost"):
        await found_in_a_pass(passing(lambda number: {"lost": 1} if number > 3 else {}), "lost")


async def test_some_of_the_damage_is_not_all_of_it() -> None:
    with pytest.raises(AssertionError, match="not lost and doubled"):
        await found_in_a_pass(passing(lambda _: {"doubled": 1}), "lost", "doubled")


async def test_nothing_is_wrong_only_after_a_pass_said_so() -> None:
    reports = {1: None, 2: {"lost": 1}, 3: {}}
    progress = passing(reports.__getitem__)
    await nothing_wrong(progress)
    with pytest.raises(KeyError):
        await progress()
