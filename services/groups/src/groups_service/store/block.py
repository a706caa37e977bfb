"""Blocks in the database: `blocks`, by `<who blocks>:<whom>`; one that is taken back is gone."""

from collections.abc import Iterable
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from groups_service.domain.block import Blocked, Unblocked
from groups_service.domain.member import Registered
from groups_service.handlers.block import Pair
from groups_service.store.member import MemberStore

BLOCKS = "blocks"


def blocks_between(one: str, other: str) -> tuple[Ref, Ref]:
    """What there may be, whoever of them blocks."""
    return Ref(BLOCKS, f"{one}:{other}"), Ref(BLOCKS, f"{other}:{one}")


def apart(documents: Documents, one: str, other: str) -> bool:
    """Whether there is any. Raises NotRead where `blocks_between` was not."""
    return any(documents.get(ref.collection, ref.id) is not None for ref in blocks_between(one, other))


class BlockStore:
    """Reads, loads and saves a block with the member whose it is."""

    def __init__(self) -> None:
        self._members = MemberStore()

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        return [*self._members.reads(command, documents), _ref(command)]

    def load(self, command: Command, documents: Documents) -> Pair:
        ref = _ref(command)
        known = self._members.load(command, documents)
        return Pair(known, blocked=documents.get(ref.collection, ref.id) is not None)

    def save(self, command: Command, documents: Documents, outcome: Outcome[Pair], now: datetime) -> None:
        """`members` holds both: one index finds whom somebody does not see, whoever of the two blocked."""
        ref = _ref(command)
        for fact in outcome.facts:
            match fact:
                case Registered():
                    self._members.save(command, documents, Outcome(outcome.state.known, [fact]), now)
                case Blocked(member_id, other_id):
                    both = [member_id, other_id]
                    documents.put(BLOCKS, {"_id": ref.id, "v": 1, "members": both, "created_at": now})
                case Unblocked():
                    documents.delete(BLOCKS, ref.id)


def _ref(command: Command) -> Ref:
    return Ref(BLOCKS, f"{command.aggregate}:{command.body['other_id']}")
