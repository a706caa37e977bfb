"""Which messages a reader wants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from events_service.stream.record import Entry


class BadParameter(Exception):
    """A query parameter cannot mean anything. The text says which and why."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Each non-empty set must hold the message's value; readers with equal selections share what is sent to them."""

    event_id: frozenset[str] = frozenset()
    group_id: frozenset[str] = frozenset()
    group_urlname: frozenset[str] = frozenset()
    topic: frozenset[str] = frozenset()
    country: frozenset[str] = frozenset()
    response: frozenset[str] = frozenset()

    def wants(self, entry: Entry) -> bool:
        """A tombstone is for everybody: its number is all it has, and whoever was shown the RSVP must hear of it."""
        keys = entry.keys
        return keys is None or (
            (not self.event_id or keys.event_id in self.event_id)
            and (not self.group_id or keys.group_id in self.group_id)
            and (not self.group_urlname or keys.group_urlname in self.group_urlname)
            and (not self.country or keys.country in self.country)
            and (not self.response or keys.response in self.response)
            and (not self.topic or not self.topic.isdisjoint(keys.topics))
        )


EVERYTHING: Final = Selection()
_MOST = 100


def selected(parameters: Mapping[str, Sequence[str]]) -> Selection:
    """From a query's parameters; several values of one are alternatives, also when commas part them."""
    return Selection(
        event_id=_values(parameters, "event_id"),
        group_id=_numbers(parameters, "group_id"),
        group_urlname=_lower(parameters, "group_urlname"),
        topic=_lower(parameters, "topic"),
        country=_lower(parameters, "country"),
        response=_among(parameters, "response", {"yes", "no"}),
    )


def _values(parameters: Mapping[str, Sequence[str]], name: str) -> frozenset[str]:
    values = frozenset(part.strip() for text in parameters.get(name, ()) for part in text.split(",") if part.strip())
    if len(values) > _MOST:
        raise BadParameter(f"{name}: at most {_MOST} values")
    return values


def _lower(parameters: Mapping[str, Sequence[str]], name: str) -> frozenset[str]:
    return frozenset(value.lower() for value in _values(parameters, name))


def _numbers(parameters: Mapping[str, Sequence[str]], name: str) -> frozenset[str]:
    values = _values(parameters, name)
    if not all(value.isascii() and value.isdigit() and len(value) < 20 for value in values):
        raise BadParameter(f"{name} is a number")
    return frozenset(str(int(value)) for value in values)


def _among(parameters: Mapping[str, Sequence[str]], name: str, allowed: set[str]) -> frozenset[str]:
    values = _lower(parameters, name)
    if not values <= allowed:
        raise BadParameter(f"{name} is one of {', '.join(sorted(allowed))}")
    return values
