"""How times are written for others: RFC 3339 in UTC, to the millisecond."""

from datetime import UTC, datetime


def rfc3339(at: datetime) -> str:
    """at: with its zone."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def when(at: datetime | None) -> str | None:
    """In answers, where there may be none."""
    return None if at is None else rfc3339(at)
