"""The journal: one mechanism for commit, outbox, order, idempotency and audit."""

from chassis.journal.command import (
    Command,
    Source,
    Unstorable,
    consumed_command_id,
    http_command_id,
)
from chassis.journal.decision import Decider, Deciders, Outcome, Outgoing, Result, Told
from chassis.journal.documents import Documents, NotRead, Query, Read, Ref
from chassis.journal.facade import Journal
from chassis.journal.handoff import hand_over, handoff_write
from chassis.journal.keyring import forget
from chassis.journal.outcome import Busy, Failed, Mismatch, Unknown
from chassis.journal.personal import Personal
from chassis.journal.schema import prepare, verify
from chassis.journal.shape import HANDOFFS
from chassis.prepared import NotPrepared

__all__ = [
    "HANDOFFS",
    "Busy",
    "Command",
    "Decider",
    "Deciders",
    "Documents",
    "Failed",
    "Journal",
    "Mismatch",
    "NotPrepared",
    "NotRead",
    "Outcome",
    "Outgoing",
    "Personal",
    "Query",
    "Read",
    "Ref",
    "Result",
    "Source",
    "Told",
    "Unknown",
    "Unstorable",
    "consumed_command_id",
    "forget",
    "hand_over",
    "handoff_write",
    "http_command_id",
    "prepare",
    "verify",
]
