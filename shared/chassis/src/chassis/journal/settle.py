"""An unknown outcome is settled before anything else happens on the lane."""

import asyncio
from datetime import datetime

import structlog

from chassis.journal.shape import JOURNAL, LANES, batch_id, batches_after
from chassis.mongo import Database, Session, errors

log = structlog.get_logger(__name__)


class Gone(RuntimeError):
    """The transaction did not commit and never will."""


class Sealed(RuntimeError):
    """The lane has ended: others are in force."""


async def head(database: Database, lane: str) -> tuple[int, datetime | None]:
    """The lane's last batch and its time, by majority; 0 before the first, and when the lanes before it ended."""
    n, at, _ = await end(database, lane)
    return n, at


async def open_head(database: Database, lane: str, seen: int) -> tuple[int, datetime | None]:
    """The head of a lane that takes batches. Raises Sealed.

    seen: the head that the asking process knows. A lane that ends before it is that of a restored database, and the
    topics may hold what is gone: it stops until its relay has looked.
    """
    n, at, ended = await end(database, lane)
    if ended:
        raise Sealed(lane)
    if n < seen:
        why = f"the journal ended at batch {seen} and now ends at {n}"
        await database[LANES].update_one({"_id": lane, "stopped": None}, {"$set": {"stopped": why}})
    return n, at


async def end(database: Database, lane: str) -> tuple[int, datetime | None, bool]:
    """The lane's head, and whether it is a seal."""
    fields = {"at": 1, "seal": 1}
    found = await database[JOURNAL].find_one(batches_after(lane, 0), sort=[("_id", -1)], fields=fields)
    if found is not None:
        return int(found["_id"]["n"]), found["at"], "seal" in found
    made = await database[LANES].find_one({"_id": lane}, fields={"since": 1})
    return 0, (made or {}).get("since"), False


async def mark_of(database: Database, lane: str, n: int) -> str | None:
    """What tells a batch from any other that had its number; None when there is none."""
    found = await database[JOURNAL].find_one({"_id": batch_id(lane, n)}, fields={"batch": 1})
    return None if found is None else str(found["batch"])


async def trimmed_to(database: Database, lane: str, session: Session | None = None) -> int:
    """The last batch of the lane that has had its time; 0 before the first. Those up to it may be gone: this was
    written down before they went."""
    found = await database[LANES].find_one({"_id": lane}, fields={"trimmed_to": 1}, session=session)
    return 0 if found is None else int(found.get("trimmed_to", 0))


async def committed(database: Database, session: Session, lane: str, n: int | None, mark: str) -> None:
    """Commit, again and again on the same session, until MongoDB says committed or gone; then look.

    n: the batch written, whose `batch` must be `mark`; None for a transaction that only read.
    Returns only when the batch stands. Raises Gone.
    """
    doubted = await _commit(session)
    if doubted is None:
        return
    if n is None:
        raise Gone(lane)
    while True:
        try:
            found = await database[JOURNAL].find_one({"_id": batch_id(lane, n)}, fields={"batch": 1})
        except errors.PyMongoError as error:
            log.warning("a batch is in doubt, the database is away", lane=lane, n=n, error=type(error).__name__)
            await asyncio.sleep(0.2)
            continue
        if found is not None and found["batch"] == mark:
            return
        raise Gone(lane) from doubted


async def _commit(session: Session) -> Exception | None:
    """None when MongoDB said committed; otherwise the error that ended the asking."""
    pause = 0.02
    while True:
        try:
            await session.commit()
        except errors.PyMongoError as error:
            unknown = error.has_error_label("UnknownTransactionCommitResult") or isinstance(
                error, errors.ConnectionFailure | errors.NetworkTimeout | errors.ServerSelectionTimeoutError
            )
            if not unknown:
                return error
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
        else:
            return None
