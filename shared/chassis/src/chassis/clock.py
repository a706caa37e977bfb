"""The only place where a clock is read. Decisions take the database's time instead; see the journal."""

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Wall time, for what is only shown or compared with a token's claims."""
    return datetime.now(UTC)  # noqa: TID251 - this module is where the ban points to


def epoch_seconds() -> float:
    """Wall time in seconds since 1970, the unit of a token's `exp`."""
    return time.time()


def monotonic() -> float:
    """Seconds that only go forward: for timeouts and ages within this process."""
    return time.monotonic()
