"""Whether a database has what `setup` makes."""

from collections.abc import Iterable

from chassis.mongo import Database


class NotPrepared(RuntimeError):
    """It has not."""


async def has_all(database: Database, collections: Iterable[str], setup: str = "the service's `setup`") -> None:
    """Raises NotPrepared when a collection is missing. setup: what makes it."""
    missing = set(collections) - await database.collections()
    if missing:
        raise NotPrepared(f"the database lacks {', '.join(sorted(missing))}: run {setup} first")
