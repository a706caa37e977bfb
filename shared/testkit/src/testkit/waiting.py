"""Waiting on a condition with a deadline."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], *, within: float = ..., every: float = ..., because: str = ...
) -> T: ...


@overload
async def eventually(
    condition: Callable[[], T], *, within: float = ..., every: float = ..., because: str = ...
) -> T: ...


async def eventually(
    condition: Callable[[], Any], *, within: float = 30.0, every: float = 0.02, because: str = ""
) -> Any:
    """Call ``condition`` until its value is true, and return that value.

    The condition may be a plain or an async function, and may assert: an AssertionError counts as "not yet", and so
    does a LookupError, which is what asking for the last of none raises.
    After ``within`` seconds fails with the condition's source, the number of looks, the last value or refusal, and
    ``because``. A look that hangs is cut off at the deadline. Any other exception is the test's failure at once.
    """
    started, looks, last = monotonic(), 0, "it never answered"
    while True:
        looks += 1
        left = within - (monotonic() - started)
        try:
            value = await _look(condition, max(left, 0.01))
            if value:
                return value
            last = f"last value: {value!r}"
        except (AssertionError, LookupError) as refusal:
            last = f"last refusal: {refusal!r}"
        except TimeoutError:
            last += "; the last look hung"
        if monotonic() - started + every > within:
            reason = f" ({because})" if because else ""
            raise AssertionError(f"not within {within:g} s{reason}, {looks} looks: {_source(condition)}\n{last}")
        await asyncio.sleep(every)


async def _look(condition: Callable[[], Any], at_most: float) -> Any:
    value = condition()
    if inspect.isawaitable(value):
        async with asyncio.timeout(at_most):
            return await value
    return value


def _source(condition: Callable[..., object]) -> str:
    try:
        return inspect.getsource(condition).strip()
    except (OSError, TypeError):
        return repr(condition)
