"""Messages of this service, whose partition is always that of their subject."""

from chassis.journal.decision import Outgoing


def outgoing(topic: str, type_: str, subject: str, key: str, value: str | None) -> Outgoing:
    """value: JSON, or None for a tombstone."""
    return Outgoing(topic, type_, subject, key, subject, value)
