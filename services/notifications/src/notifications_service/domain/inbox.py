"""Reading the inbox: a line once read stays read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

AT_ONCE = 200
"""Lines that one command marks at most; a full inbox is read in several."""


@dataclass(frozen=True, slots=True)
class LinesRead:
    """These lines of the member's inbox, none of them read before."""

    lines: tuple[str, ...]


def read(asked: Sequence[str], *, own: Collection[str], already: Collection[str]) -> LinesRead | None:
    """Mark what the member may mark: their own lines that are not read yet; None when nothing is left."""
    fresh = tuple(line for line in dict.fromkeys(asked) if line in own and line not in already)
    return LinesRead(fresh) if fresh else None
