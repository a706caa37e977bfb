"""How commands about groups and who is in them are decided."""

from typing import Any

from chassis.journal.decision import Decider
from chassis.journal.personal import Personal
from groups_service.handlers import group, invitation, membership, people, succession
from groups_service.messages import tell_circle
from groups_service.store.circle import CircleStore
from groups_service.store.group import GROUPS


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the group, of which they need more or less."""
    circle, answers = CircleStore(), membership.ANSWERS

    creating = (circle.reads_creating, circle.load_creating)
    changing = (circle.reads_changing, circle.load_changing)
    joining = (circle.reads_joining, circle.load_joining)
    inviting = (circle.reads_inviting, circle.load_inviting)
    accepting = (circle.reads_accepting, circle.load_accepting)
    given = (circle.reads_invitation, circle.load_invitation)

    def of_group(
        decide: Any, personal: Personal | None = None, *, needs: Any = (circle.reads, circle.load)
    ) -> Decider[Any]:
        reads, load = needs
        return Decider(GROUPS, reads, load, decide, circle.save, tell_circle, personal)

    return {
        group.CREATE: of_group(group.decide_create, needs=creating),
        group.CHANGE: of_group(group.decide_change, needs=changing),
        membership.JOIN: of_group(membership.decide_join, answers, needs=joining),
        membership.JOIN_FOR_EVENT: of_group(membership.decide_join_for_event, answers, needs=joining),
        invitation.INVITE: of_group(invitation.decide_invite, needs=inviting),
        invitation.ACCEPT: of_group(invitation.decide_accept, answers, needs=accepting),
        invitation.OPEN: of_group(invitation.decide_open, invitation.SECRET, needs=given),
        invitation.REVOKE: of_group(invitation.decide_revoke, needs=given),
        membership.LEAVE: of_group(membership.decide_leave, answers),
        **{name: of_group(decide, answers) for name, decide in people.ACTS.items()},
        people.CHANGE_ROLE: of_group(people.decide_change_role, answers),
        group.CLOSE: of_group(group.decide_close),
        succession.STEP_UP: of_group(succession.decide_step_up),
        succession.VOTE: of_group(succession.decide_vote),
        succession.LAPSE: of_group(succession.decide_lapse),
    }
