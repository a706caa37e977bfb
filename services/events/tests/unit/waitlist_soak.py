"""`python -m services.events.tests.unit.waitlist_soak 1000000`: that many steps of the waitlist's machines.

The first failing story is told, as short as it can be made.
"""

import sys
from time import perf_counter

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from .waitlist_machine import LateWork, Waitlist

STEPS = 50


def soak(steps: int) -> None:
    """Raises the first failure."""
    for machine, share in ((Waitlist, 3), (LateWork, 1)):
        examples = max(1, steps * share // 4 // STEPS)
        started = perf_counter()
        told = settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine, settings=told)
        took = (perf_counter() - started) / examples * 1000
        sys.stdout.write(f"{machine.__name__}: {examples} stories of up to {STEPS} steps hold, {took:.1f} ms each\n")


if __name__ == "__main__":
    soak(int(sys.argv[1]))
