"""`python -m services.events.tests.unit.waitlist_soak 1000000 --jobs 2`: that many steps of the waitlist's machines.

They are played in parts, each from its own seed: three of four with continuations and the worker at once, the fourth
late. The first story that fails is told with its seed, as short as it can be made; `--seed N` plays that part alone.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from traceback import format_exception

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from .waitlist_machine import LateWork, Waitlist

STEPS = 50
"""At most in one story."""
STORIES = 100
"""In one part."""
TOLD_EVERY = 10.0
"""Seconds between two lines of progress."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one part came to. wrong: the failure as it is told, empty when all of it held."""

    seed: int
    machine: str
    steps: int
    wrong: str


def play(number: int) -> Part:
    """The part of this seed."""
    machine: type[Waitlist] = LateWork if number % 4 == 3 else Waitlist
    steps = 0

    class Counted(machine):  # type: ignore[valid-type,misc]  # the seed decides which of the two
        """Also counts what is done."""

        def __init__(self) -> None:
            super().__init__()
            self.looks = 0

        @invariant()
        def looked_at(self) -> None:
            self.looks += 1

        def teardown(self) -> None:
            nonlocal steps
            steps += max(0, self.looks - 1)  # the first look is before the first step
            super().teardown()

    told = settings(
        max_examples=STORIES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(number)(Counted), settings=told)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told with its seed
        return Part(number, machine.__name__, steps, "".join(format_exception(error)))
    return Part(number, machine.__name__, steps, "")


def parts(first: int, jobs: int) -> Iterator[Part]:
    """Parts as they are done, for as long as somebody asks; so many at once."""
    seeds = count(first)
    with ProcessPoolExecutor(jobs) as pool:
        under_way: set[Future[Part]] = {pool.submit(play, next(seeds)) for _ in range(jobs)}
        try:
            while True:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                under_way |= {pool.submit(play, next(seeds)) for _ in done}
                for future in done:
                    yield future.result()
        finally:
            for future in under_way:
                future.cancel()


def soak(wanted: int, first: int, jobs: int) -> bool:
    """Whether all of so many steps hold; the last parts may make some more."""
    started = told = perf_counter()
    steps, seeds = 0, 0
    for part in parts(first, jobs):
        steps, seeds, now = steps + part.steps, seeds + 1, perf_counter()
        if part.wrong:
            sys.stdout.write(f"{part.wrong}\nseed {part.seed}, {part.machine}: does not hold\n")
            return False
        if steps >= wanted or now - told >= TOLD_EVERY:
            told = now
            rate = steps / (now - started)
            sys.stdout.write(f"{steps:,} steps hold, {seeds} seeds from {first} on, {rate:,.0f} steps/s\n")
            sys.stdout.flush()
        if steps >= wanted:
            return True
    return False


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("steps", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--jobs", type=int, default=1, help="processes that play at once")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="play the part of this seed alone")
    given = parser.parse_args()
    if given.seed is None:
        return 0 if soak(given.steps, given.first, max(1, given.jobs)) else 1
    part = play(given.seed)
    sys.stdout.write(f"{part.wrong}seed {part.seed}, {part.machine}: {part.steps} steps\n")
    return 1 if part.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
