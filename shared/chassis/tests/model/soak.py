"""`python -m model.soak 0 1000000`: many seeds; the first failing one is printed with its schedule.

`--all` goes on and counts the failures by their kind; `--seed N` tells one seed's story.
"""

import sys
from argparse import ArgumentParser
from collections import defaultdict
from time import perf_counter

from model.clockwork import silence
from model.run import failure


def story(seed: int) -> str:
    """The schedule of one seed, and how it ended."""
    trace: list[str] = []
    wrong = failure(seed, trace=trace)
    return "\n".join([*trace, f"seed {seed}: {wrong or 'holds'}"])


def soak(first: int, last: int, *, all_of_them: bool) -> bool:
    """Whether every seed holds."""
    started = perf_counter()
    failures: dict[str, list[int]] = defaultdict(list)
    for seed in range(first, last):
        wrong = failure(seed)
        if wrong is not None:
            if not all_of_them:
                sys.stdout.write(f"{story(seed)}\n")
                return False
            failures[":".join(wrong.split(":")[:2])].append(seed)
    milliseconds = (perf_counter() - started) / (last - first) * 1000
    for what, seeds in sorted(failures.items(), key=lambda item: -len(item[1])):
        sys.stdout.write(f"{len(seeds):6} {what} {seeds[:5]}\n")
    sys.stdout.write(f"{last - first} seeds, {sum(map(len, failures.values()))} fail, {milliseconds:.1f} ms each\n")
    return not failures


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("last", type=int, nargs="?", default=1000)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seed", type=int)
    given = parser.parse_args()
    with silence():
        if given.seed is not None:
            sys.stdout.write(f"{story(given.seed)}\n")
            return 0
        return 0 if soak(given.first, given.last, all_of_them=given.all) else 1


if __name__ == "__main__":
    sys.exit(main())
