"""What a batch came to, before it is written."""

from dataclasses import dataclass, field
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.documents import Documents
from chassis.journal.lease import EPOCH
from chassis.journal.vault import Spoken
from chassis.mongo import Document


@dataclass(slots=True)
class Decided:
    """What was read, decided and left over.

    results: new answers by command id; known: answers found from earlier; failed: a decision raised, nothing is
    recorded for it; put_back: commands for a later batch; handed: aggregate by id of the handoffs taken;
    asked: those of them for which a caller waits; removed: handoffs to remove; unknown: aggregates whose next handoff
    this release does not know; personal: decided commands that may hold somebody's own text.
    """

    documents: Documents
    now: datetime = EPOCH
    entries: list[Document] = field(default_factory=list)
    results: dict[str, Document] = field(default_factory=dict)
    known: dict[str, Document] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)
    put_back: set[str] = field(default_factory=set)
    children: list[Command] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    handed: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    personal: dict[str, Spoken] = field(default_factory=dict)
    bytes: int = 0
    more: bool = False

    @property
    def written(self) -> int:
        return self.documents.changed() + len(self.results) + len(self.children) + len(self.removed) + 1

    @property
    def stuck(self) -> set[str]:
        """Handoffs that must be decided some day but cannot be now."""
        return {id_ for id_ in self.failed if self.is_stuck(id_)}

    def is_stuck(self, command_id: str) -> bool:
        return command_id in self.failed and command_id in self.handed and command_id not in self.asked

    @property
    def worth_writing(self) -> bool:
        return bool(self.results or self.removed)
