"""One example per message type, as it is on its topic; `tombstone` where a state topic may lose a subject.

A file is `{key, headers, value}`: texts, texts by name, and the value's JSON or null.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """A record of a topic (registry name); `name` is its `ce_type`, or `tombstone`."""

    topic: str
    name: str
    key: str
    headers: Mapping[str, str]
    value: Any

    @property
    def type(self) -> str:
        return self.headers["ce_type"]

    @property
    def value_bytes(self) -> bytes | None:
        return None if self.value is None else json.dumps(self.value, ensure_ascii=False).encode()


@cache
def examples() -> tuple[Example, ...]:
    """All of them; those of one topic and subject in the order of their sequences."""
    found = [
        Example(topic=topic.name, name=file.name.removesuffix(".json"), **json.loads(file.read_text(encoding="utf-8")))
        for topic in files(__package__).iterdir()
        if topic.is_dir() and topic.name.endswith(".v1")
        for file in topic.iterdir()
    ]
    return tuple(sorted(found, key=lambda one: (one.topic, one.headers["ce_source"], int(one.headers["ce_sequence"]))))
