"""Waiting for what another service has just made."""

import pytest

from chassis.http import Problem, known


async def test_what_is_there_is_answered_at_once() -> None:
    asked = 0

    async def lookup() -> str:
        nonlocal asked
        asked += 1
        return "found"

    assert await known(lookup) == "found"
    assert asked == 1


async def test_what_comes_meanwhile_is_found() -> None:
    answers = iter([None, None, "found"])

    async def lookup() -> str | None:
        return next(answers)

    assert await known(lookup) == "found"


async def test_what_never_comes_is_a_404() -> None:
    async def lookup() -> str | None:
        return None

    with pytest.raises(Problem, match="no such group") as refused:
        await known(lookup, "group", wait=0.03)
    assert (refused.value.status_code, refused.value.reason) == (404, "not-found")
