"""eventually() returns what it waited for, and says what it saw when it gives up."""

import asyncio

import pytest

from testkit import eventually


async def test_returns_the_first_true_value() -> None:
    values = iter([0, None, "there"])
    assert await eventually(lambda: next(values)) == "there"


async def test_awaits_async_conditions() -> None:
    values = iter([False, True])

    async def arrived() -> bool:
        return next(values)

    assert await eventually(arrived)


async def test_a_refused_assertion_means_not_yet() -> None:
    values = iter([1, 2, 3])

    def is_three() -> bool:
        found = next(values)
        assert found == 3, f"it was {found}"
        return True

    assert await eventually(is_three)


async def test_what_is_not_there_yet_to_be_looked_up_means_not_yet() -> None:
    sent: list[str] = []
    looks: list[int] = []

    def last() -> str:
        looks.append(1)
        if len(looks) == 3:
            sent.append("hello")
        return sent[-1]

    assert await eventually(last) == "hello"


async def test_tells_the_condition_the_last_value_and_the_reason() -> None:
    with pytest.raises(
        AssertionError, match=r"(?s)not within 0.05 s \(two were sent\).*len\(inbox\) == 2.*last value: F"
    ):
        await eventually(lambda: len(inbox) == 2, within=0.05, because="two were sent")


async def test_cuts_off_a_look_that_hangs() -> None:
    with pytest.raises(AssertionError, match="hung"):
        await eventually(asyncio.Event().wait, within=0.05)


async def test_other_exceptions_are_failures_at_once() -> None:
    looks: list[int] = []

    def broken() -> bool:
        looks.append(1)
        raise ValueError("a bug in the test")

    with pytest.raises(ValueError, match="a bug"):
        await eventually(broken)
    assert len(looks) == 1


inbox: list[str] = []
