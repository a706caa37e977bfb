"""Wall times: what clocks in a place show, wherever that is."""

from datetime import datetime


def wall(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Without a zone, because the zone stands beside it."""
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - a wall time
