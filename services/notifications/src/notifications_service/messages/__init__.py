"""What other services are told: facts become messages here and nowhere else."""

from datetime import datetime
from typing import Any

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told
from contracts.events import MemberSeen
from notifications_service.domain.member import MemberMet

MET = "convene.notifications.member.seen.v1"


def tell_nothing(command: Command, outcome: Outcome[Any], now: datetime) -> Told:
    """Addresses and what somebody has read are nobody else's business."""
    return Told()


def tell_member(command: Command, outcome: Outcome[bool], now: datetime) -> Told:
    return Told([_seen(fact) for fact in outcome.facts])


def _seen(fact: MemberMet) -> Outgoing:
    return Outgoing(
        topic=MemberSeen.topic,
        type=MET,
        subject=fact.member_id,
        key=fact.member_id,
        partition=fact.member_id,
        value=MemberSeen(member_id=fact.member_id).model_dump_json(exclude_none=True),
    )
