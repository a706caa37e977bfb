"""Logs: one JSON object per line on standard output, with service, role and trace, and without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from pydantic_core import to_json

from chassis.telemetry import current_traceparent

Event = MutableMapping[str, Any]

_SECRET_NAME = re.compile(
    r"authorization|cookie|passw|secret|token|api_?key|e?mail|address|recipient|phone", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*"  # a token
    r"|(?<=[Bb]earer )\S+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # credentials in a URL
    r"|[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
)
_HIDDEN = "[hidden]"
_KEPT = {"event", "level", "timestamp", "logger", "service", "role", "trace_id", "span_id"}


def setup(service: str, level: str = "INFO", *, role: str = "", stream: TextIO | None = None) -> None:
    """Send every log line of this process, those of libraries too, to `stream` (standard output)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tag(service, role),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("aiokafka", "pymongo", "httpx2", "httpcore2", "uvicorn", "faststream"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _tag(service: str, role: str) -> Any:
    def tag(logger: Any, method: str, event: Event) -> Event:
        event["service"] = service
        if role:
            event["role"] = role
        traceparent = current_traceparent()
        if traceparent is not None:
            event["trace_id"], event["span_id"] = traceparent[3:35], traceparent[36:52]
        return event

    return tag


def redact(logger: Any, method: str, event: Event) -> Event:
    """Hide what tells a secret or an address, by name and by look, however deep it lies."""
    for name, value in event.items():
        if name not in _KEPT and _SECRET_NAME.search(name):
            event[name] = _HIDDEN
        elif name not in _KEPT or name == "event":
            event[name] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    match value:
        case str():
            return _SECRET_TEXT.sub(_HIDDEN, value)
        case dict():
            return {k: _HIDDEN if _SECRET_NAME.search(str(k)) else _clean(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(item) for item in value]
        case bool() | int() | float() | None:
            return value
        case _:
            return _SECRET_TEXT.sub(_HIDDEN, str(value))


def _render(logger: Any, method: str, event: Event) -> str:
    return to_json(event, fallback=repr, inf_nan_mode="null").decode()
