"""Why a lane's relay does not simply go on."""

from chassis.journal.settle import end, mark_of, trimmed_to
from chassis.mongo import Database


class Disagree(RuntimeError):
    """Kafka and the journal tell different stories; an operator must decide which one is true."""


class Changed(RuntimeError):
    """Something is not as this relay left it: it looks for its place again."""


async def refuse_another(database: Database, lane: str, n: int, batch: str | None) -> None:
    """Raises Disagree unless the journal's batch n is the one that was published under that number, as far as the
    journal goes back. batch: its mark, None when nobody knows."""
    if batch is None or await mark_of(database, lane, n) == batch or n <= await trimmed_to(database, lane):
        return
    last, _, _ = await end(database, lane)
    raise Disagree(f"Kafka holds batch {n}, the journal has another or none, and ends at {last}")
