"""Proof that a service's books agree: what must be 0 is counted, by the service itself, again and again.

Every judgement is made within one snapshot, or against a position that was reached; never against "now". So work under
way, lag and outages are not damage. Each service adds what its own documents must satisfy.
"""

from chassis.reconcile.auditor import Auditor, Books, reconcile
from chassis.reconcile.documents import Check, Documents, Once, Walk, Wrong
from chassis.reconcile.findings import Report
from chassis.reconcile.part import Reconciler, Timing, prepare, timing

__all__ = [
    "Auditor",
    "Books",
    "Check",
    "Documents",
    "Once",
    "Reconciler",
    "Report",
    "Timing",
    "Walk",
    "Wrong",
    "prepare",
    "reconcile",
    "timing",
]
