"""A whole run: prepares what was asked for, does every variant in turn, round after round."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from importlib import import_module
from types import ModuleType

from convene.bench.ground import Ground
from convene.bench.measuring import Bench, Variant
from convene.parts.trouble import Unavailable

ON_GROUND = ("rsvps", "naive", "relay", "stream", "pulse")
"""Measured on one platform, in turn."""
ALONE = ("growth", "start")
"""Each makes its own platforms, and does its own rounds."""
ALL = (*ON_GROUND, *ALONE)

Say = Callable[[str], None]


def chosen(names: Sequence[str]) -> list[str]:
    """In their order; all when none is named. Raises Unavailable."""
    unknown = sorted(set(names) - set(ALL))
    if unknown:
        raise Unavailable(f"There is no measurement {unknown[0]!r}; there are {', '.join(ALL)}.")
    return [name for name in ALL if not names or name in names]


def module(name: str) -> ModuleType:
    """``convene.bench.<name>``: NAME, TITLE and `measured`."""
    return import_module(f"convene.bench.{name}")


async def run(
    bench: Bench, names: Sequence[str], ground: Callable[[], AbstractAsyncContextManager[Ground]], say: Say
) -> None:
    """Fill the figures. `ground` makes the platform that several share."""
    shared = [name for name in names if name in ON_GROUND]
    if shared:
        async with AsyncExitStack() as stack:
            say("starting a platform")
            here = await stack.enter_async_context(ground())
            variants: list[tuple[str, Variant]] = []
            for name in shared:
                say(f"{name}: preparing")
                found = await stack.enter_async_context(module(name).measured(bench, here))
                variants += [(name, variant) for variant in found]
            await _in_turn(bench.rounds, variants, say)
    for name in names:
        if name in ALONE:
            async with module(name).measured(bench) as found:
                await _in_turn(1, [(name, variant) for variant in found], say)


async def _in_turn(rounds: int, variants: Sequence[tuple[str, Callable[[], Awaitable[None]]]], say: Say) -> None:
    for number in range(1, rounds + 1):
        for name, variant in variants:
            say(f"round {number} of {rounds}: {name}, {variant.__name__.replace('_', ' ')}")
            await variant()
