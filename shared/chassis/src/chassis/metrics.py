"""What this process counts, in Prometheus' text format."""

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import REGISTRY, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST

_REQUESTS = Histogram(
    "convene_http_request_seconds",
    "Time from a request's head to its answer's end",
    ("method", "route", "status"),
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
_OLDEST = Gauge("convene_oldest_unprocessed_seconds", "Age of the oldest thing not yet processed", ("part",))
_known: dict[tuple[str, str, int], Histogram] = {}


def request_took(method: str, route: str, status: int, seconds: float) -> None:
    """`route` is the path's pattern, never the path: the number of series must stay small."""
    key = (method, route, status)
    series = _known.get(key)
    if series is None:
        series = _known[key] = _REQUESTS.labels(method, route, str(status))
    series.observe(seconds)


def exposition(progress: Mapping[str, Any]) -> bytes:
    """All metrics as they are now; `progress` is what `Health.progress` answers."""
    _OLDEST.clear()
    for part, seconds in _ages("", progress):
        _OLDEST.labels(part).set(seconds)
    return generate_latest(REGISTRY)


def _ages(path: str, value: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, inner in value.items():
        if name == "oldest_seconds" and isinstance(inner, int | float):
            yield path, float(inner)
        elif isinstance(inner, Mapping):
            yield from _ages(f"{path}.{name}" if path else name, inner)
