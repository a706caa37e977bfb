"""How commands about members, and about whom they block, are decided."""

from typing import Any

from chassis.journal.decision import Decider
from chassis.journal.personal import Personal
from groups_service.handlers import block, member
from groups_service.messages import tell_member, tell_pair
from groups_service.store.block import BlockStore
from groups_service.store.member import MEMBERS, MemberStore


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the member."""
    known, pairs = MemberStore(), BlockStore()

    def of_member(decide: Any, personal: Personal) -> Decider[Any]:
        return Decider(MEMBERS, known.reads, known.load, decide, known.save, tell_member, personal)

    def of_pair(decide: Any) -> Decider[Any]:
        return Decider(MEMBERS, pairs.reads, pairs.load, decide, pairs.save, tell_pair)

    return {
        member.REGISTER: of_member(member.decide_register, member.REGISTERS),
        member.DESCRIBE: of_member(member.decide_describe, member.DESCRIBES),
        block.BLOCK: of_pair(block.decide_block),
        block.UNBLOCK: of_pair(block.decide_unblock),
    }
