"""What fails while the platform starts is one sentence, however many starts fail at once."""

import asyncio

import pytest

from convene.parts.trouble import Unavailable
from convene.stack.supervisor import together


async def fails(gate: asyncio.Event, sentence: str) -> None:
    """Fails when the gate opens."""
    await gate.wait()
    raise Unavailable(sentence)


@pytest.mark.parametrize("number", [1, 3])
async def test_the_first_failure_is_raised_itself(number: int) -> None:
    gate = asyncio.Event()
    gate.set()
    with pytest.raises(Unavailable, match="no room"):
        await together(*(fails(gate, "no room") for _ in range(number)))


async def test_the_other_starts_are_cancelled() -> None:
    gate, ended = asyncio.Event(), asyncio.Event()

    async def lasting() -> None:
        gate.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(Unavailable, match="no room"):
        await together(lasting(), fails(gate, "no room"))
    assert ended.is_set()


async def test_a_mistake_in_the_program_stays_one() -> None:
    async def mistaken() -> None:
        raise ValueError("a mistake")

    with pytest.raises(ExceptionGroup):
        await together(mistaken())
