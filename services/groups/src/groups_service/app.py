"""The composition root: what each role of the service is made of."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from chassis import dead_letters
from chassis.composition import Composition
from chassis.due import DueWorker
from chassis.journal.decision import Decider
from chassis.journal.personal import Personal
from chassis.mongo import connect
from chassis.serve import Process
from chassis.service import Service
from groups_service import messages
from groups_service.consumers import SUBSCRIPTIONS
from groups_service.handlers import block, group, invitation, member, membership, people, succession
from groups_service.http import ROUTERS
from groups_service.http.refusals import REFUSALS
from groups_service.network_decisions import network_decisions
from groups_service.privacy import privacy_decisions
from groups_service.settings import Settings
from groups_service.store import schema
from groups_service.store.audit import Verified, verified
from groups_service.store.block import BlockStore
from groups_service.store.circle import CircleStore
from groups_service.store.due import DueGroups
from groups_service.store.group import GROUP_NUMBERS, GROUPS
from groups_service.store.holdings import GroupsHoldings
from groups_service.store.member import MEMBER_NUMBERS, MEMBERS, MemberStore
from groups_service.store.privacy import DueErasures
from groups_service.store.reconcile import CHECKS
from groups_service.talking import talk_decisions

SERVICE: Final = Settings.service
ROLES: Final = ("api", "consumer", "relay", "worker")
"""What a process may be; one without roles is all of them."""


def decisions() -> dict[str, Decider[Any]]:
    """Every command this service decides."""
    known, pairs, circle = MemberStore(), BlockStore(), CircleStore()
    tell_member, tell = messages.tell_member, messages.tell_circle
    load, save, answers = circle.load, circle.save, membership.ANSWERS
    reads_join, load_join = circle.reads_joining, circle.load_joining
    reads_invited, load_invited = circle.reads_inviting, circle.load_inviting
    reads_new, load_new = circle.reads_creating, circle.load_creating
    reads_edit, load_edit = circle.reads_changing, circle.load_changing
    join_for_event = membership.decide_join_for_event

    def of_group(decide: Any, personal: Personal | None = None) -> Decider[Any]:
        return Decider(GROUPS, circle.reads, load, decide, save, tell, personal)

    def of_pair(decide: Any) -> Decider[Any]:
        return Decider(MEMBERS, pairs.reads, pairs.load, decide, pairs.save, messages.tell_pair)

    return {
        member.REGISTER: Decider(
            MEMBERS, known.reads, known.load, member.decide_register, known.save, tell_member, member.REGISTERS
        ),
        member.DESCRIBE: Decider(
            MEMBERS, known.reads, known.load, member.decide_describe, known.save, tell_member, member.DESCRIBES
        ),
        block.BLOCK: of_pair(block.decide_block),
        block.UNBLOCK: of_pair(block.decide_unblock),
        group.CREATE: Decider(GROUPS, reads_new, load_new, group.decide_create, save, tell),
        group.CHANGE: Decider(GROUPS, reads_edit, load_edit, group.decide_change, save, tell),
        membership.JOIN: Decider(GROUPS, reads_join, load_join, membership.decide_join, save, tell, answers),
        membership.JOIN_FOR_EVENT: Decider(GROUPS, reads_join, load_join, join_for_event, save, tell, answers),
        invitation.INVITE: Decider(GROUPS, reads_invited, load_invited, invitation.decide_invite, save, tell),
        invitation.ACCEPT: Decider(GROUPS, reads_invited, load_invited, invitation.decide_accept, save, tell, answers),
        membership.LEAVE: of_group(membership.decide_leave, answers),
        **{name: of_group(decide, answers) for name, decide in people.ACTS.items()},
        people.CHANGE_ROLE: of_group(people.decide_change_role, answers),
        group.CLOSE: of_group(group.decide_close),
        succession.STEP_UP: of_group(succession.decide_step_up),
        succession.VOTE: of_group(succession.decide_vote),
        succession.LAPSE: of_group(succession.decide_lapse),
        **network_decisions(circle),
        **talk_decisions(),
        **privacy_decisions(),
        **dead_letters.deciders(SERVICE),
    }


def own(settings: Settings) -> Service:
    """What this service is, beside what every service is."""
    return Service(settings, decisions(), SUBSCRIPTIONS, schema, CHECKS, numbers=(GROUP_NUMBERS, MEMBER_NUMBERS))


async def audited(settings: Settings) -> Verified:
    """Whether every group's audit log is as it was written."""
    database = connect(settings.mongo_url.get_secret_value())
    try:
        return await verified(database)
    finally:
        database.close()


async def build(settings: Settings, roles: Sequence[str]) -> Process:
    """A process with these roles; it does not start when `setup` has not run on the database."""
    process = Composition(own(settings))
    process.wait_for_database()
    if "api" in roles:
        process.api(
            title="Convene groups",
            version=version("groups-service"),
            routers=ROUTERS,
            refusals=REFUSALS,
            met=member.registration,
        )
    else:
        process.probes()
    if "relay" in roles:
        process.relay()
    if "consumer" in roles:
        process.consumer()
    if "worker" in roles:
        process.reconciler()
        process.privacy(GroupsHoldings())
        for name, dues in (("due", DueGroups(process.database)), ("erasures", DueErasures(process.database))):
            due = DueWorker(dues, name)
            process.health.progress_of(name, due.progress)
            process.add(due)
    return process.process()
