"""What of a command is somebody's own text, and whose: declared where the decision is, sealed by the journal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chassis.journal.command import Command

MARKER: Final = "personal"
"""Facts mark their own fields: `field(metadata={"personal": True})`."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Beside a decider.

    of: the member whose text it is, one for the whole command. body, answer: the names of the fields that hold it, in
    the command's body and in its answer. topics: state topics whose messages hold it in their values. once: those of
    the answer's that are secrets, shown once: a repeat hears them for 24 hours, and then None in their place.
    """

    of: Callable[[Command], str]
    body: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    once: tuple[str, ...] = ()


def filled(document: Mapping[str, Any], fields: tuple[str, ...]) -> list[str]:
    """Those of the fields that hold anything."""
    return [name for name in fields if document.get(name) not in (None, "", [], (), {})]
