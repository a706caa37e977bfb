"""What becomes of a member's own documents when they are forgotten: one command for each, handed over by the worker."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from groups_service.domain import circle as circles
from groups_service.domain import member as members
from groups_service.handlers import network as networks
from groups_service.handlers import post as posts
from groups_service.handlers import report as reports
from groups_service.handlers.group import Situation, decided
from groups_service.handlers.member import Known

ERASE_MEMBERSHIP: Final = "membership.erase"
ERASE_MEMBER: Final = "member.erase"


def membership(group_id: str, member_id: str, version: int) -> Command:
    """version: of the membership that was found, so that one who joins again meanwhile is erased again."""
    id_ = derived_id("erase", group_id, member_id, str(version))
    return Command(id_, ERASE_MEMBERSHIP, group_id, {"member_id": member_id})


def member(found: Mapping[str, Any]) -> Command:
    """found: their document. Versions of who comes back begin anew, and they can be forgotten again."""
    id_ = derived_id("erase", found["_id"], found["created_at"].isoformat(), str(found["version"]))
    return Command(id_, ERASE_MEMBER, found["_id"], {})


def post(found: Mapping[str, Any]) -> Command:
    """As its author would delete it. found: its document."""
    id_, author_id = derived_id("erase", found["_id"], str(found["version"])), found["author_id"]
    body = {"group_id": found["group_id"], "post_id": found["_id"]}
    return Command(id_, posts.DELETE, posts.thread_of(found), body, actor=author_id)


def reaction(found: Mapping[str, Any], thread_id: str) -> Command:
    """As whose it is would take it back. found: its document."""
    id_ = derived_id("erase", found["_id"], found["created_at"].isoformat())
    body = {name: found[name] for name in ("group_id", "post_id", "name")}
    return Command(id_, posts.UNREACT, thread_id, body, actor=found["member_id"])


def report(found: Mapping[str, Any], member_id: str) -> Command:
    """Of what they wrote in it, as they filed it or resolved it. found: its document."""
    id_ = derived_id("erase", found["_id"], member_id, str(found["resolved_at"]))
    return Command(id_, reports.FORGET, found["group_id"], {"report_id": found["_id"]}, actor=member_id)


def admin(network_id: str, member_id: str, version: int) -> Command:
    """version: of the network, so that who is named an admin again meanwhile is found again."""
    id_ = derived_id("erase", network_id, member_id, str(version))
    return Command(id_, networks.FORGET, network_id, {}, actor=member_id)


def decide_membership(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    member_id = command.body["member_id"]
    return decided(situation, now, lambda circle: circles.erase(circle, member_id, now), about=member_id)


def decide_member(known: Known, command: Command, now: datetime) -> Outcome[Known]:
    facts = members.erase(known.member)
    member = known.member
    for fact in facts:
        member = members.evolve(member, fact, now)
    return Outcome(Known(member, known.number), facts)
