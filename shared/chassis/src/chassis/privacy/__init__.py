"""What a service does when a member wants to know, or to be forgotten; what it holds, each service says itself."""

from chassis.privacy.case import CASES, deciders
from chassis.privacy.erased import erased, returned
from chassis.privacy.holdings import Holdings, plain
from chassis.privacy.leaving import Leaving
from chassis.privacy.schema import prepare
from chassis.privacy.taking import subscription
from chassis.privacy.worker import PrivacyWorker

__all__ = [
    "CASES",
    "Holdings",
    "Leaving",
    "PrivacyWorker",
    "deciders",
    "erased",
    "plain",
    "prepare",
    "returned",
    "subscription",
]
