"""The consuming side: batches of messages, applied once and in order per subject, marks in the same transaction."""

from chassis.consumers.asking import asked_by
from chassis.consumers.effects import Effects
from chassis.consumers.group import Consumers, Timing, prepare
from chassis.consumers.message import Apply, Permanent, Received, Subscription, Transient

__all__ = [
    "Apply",
    "Consumers",
    "Effects",
    "Permanent",
    "Received",
    "Subscription",
    "Timing",
    "Transient",
    "asked_by",
    "prepare",
]
