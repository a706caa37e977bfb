"""What a measurement is: things to do in turn, each of which adds its figures."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from convene.bench.figures import Figures
from convene.bench.ground import Ground
from convene.bench.sizes import Sizes

Variant = Callable[[], Awaitable[None]]
"""One way of doing it, once."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What measurements are given. rounds: how often each variant will run."""

    sizes: Sizes
    rounds: int
    figures: Figures


OnGround = Callable[[Bench, Ground], AbstractAsyncContextManager[list[Variant]]]
"""A measurement on the platform that others are measured on too: prepares, and cleans up after itself."""

Alone = Callable[[Bench], AbstractAsyncContextManager[list[Variant]]]
"""A measurement that makes its own platforms; its variants do their own rounds, and run once."""
