"""What a log line holds and what it hides."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from chassis import logs, telemetry


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    logs.setup("events", role="api", stream=written)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def _read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_line_says_who_when_and_in_which_trace(lines: io.StringIO) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with telemetry.span("step", trace):
        structlog.get_logger("convene").info("hello", count=3)
    (line,) = _read(lines)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "hello",
        "count": 3,
        "level": "info",
        "logger": "convene",
        "service": "events",
        "role": "api",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
    }


def test_libraries_lines_are_the_same(lines: io.StringIO) -> None:
    logging.getLogger("somebody").warning("lost %s of %d", "one", 3, extra={"partition": 4})
    (line,) = _read(lines)
    assert (line["event"], line["logger"], line["service"], line["partition"]) == (
        "lost one of 3",
        "somebody",
        "events",
        4,
    )


def test_secrets_and_addresses_are_hidden_wherever_they_stand(lines: io.StringIO) -> None:
    token = "eyJhbGciOi.eyJzdWIiOi.c2ln"
    structlog.get_logger().info(
        f"sent to ada@example.org with Bearer {token}",
        authorization=f"Bearer {token}",
        url="mongodb://events:sesame@db/events",
        nested={"password": "sesame", "list": ["bo@example.org", {"access_token": "sesame"}]},
    )
    logging.getLogger("pymongo.fake").error("cannot reach mongodb://events:sesame@db")
    text = lines.getvalue()
    for secret in ("ada@", "bo@", token, "sesame", "eyJ"):
        assert secret not in text
    assert "@db/events" in text


def test_an_exception_is_one_line(lines: io.StringIO) -> None:
    structlog.get_logger().error("failed", exc_info=ValueError("no such address: ada@example.org"))
    (line,) = _read(lines)
    assert "ValueError" in line["exception"]
    assert "ada@" not in line["exception"]
