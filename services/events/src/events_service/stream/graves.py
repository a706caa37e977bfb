"""Which RSVPs have a tombstone, and where: no message of theirs from before it is shown to anybody any more.

Kafka drops such messages days later; the stream does at once, also when it reads old stretches of the log again.
"""

import asyncio

from events_service.stream.record import Entry


class Graves:
    """complete: set once all tombstones that lie before what is in memory are known."""

    def __init__(self) -> None:
        self.complete = asyncio.Event()
        self._latest: dict[int, int] = {}

    def note(self, entry: Entry) -> None:
        """Remember a tombstone; other messages leave no trace here."""
        if entry.line is None and entry.offset > self._latest.get(entry.rsvp_id, -1):
            self._latest[entry.rsvp_id] = entry.offset

    def hides(self, entry: Entry) -> bool:
        """All messages of one RSVP are in one partition, so offsets tell which came later."""
        return entry.line is not None and entry.offset < self._latest.get(entry.rsvp_id, -1)
