"""Progress of long work, as several commands show it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def bars(
    totals: Mapping[str, int], *, quiet: bool, console: Console | None = None
) -> Iterator[Callable[[str, int], None]]:
    """A bar for each kind of thing; what it gives is told (what, how many more are done)."""
    columns = (TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, disable=quiet, console=console) as progress:
        tasks = {what: progress.add_task(what, total=total) for what, total in totals.items()}
        yield lambda what, more: progress.advance(tasks[what], more)
