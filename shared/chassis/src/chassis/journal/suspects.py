"""One command never spoils the others' batch.

A command is refused only for an error that the server (or the encoder) ties to its own write, and only after it failed
again alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chassis.journal.command import Command
from chassis.journal.decided import Decided
from chassis.journal.documents import Ref
from chassis.journal.shape import HANDOFFS, JOURNAL, RESULTS
from chassis.mongo import Document, InvalidDocument, errors


@dataclass(slots=True)
class Suspects:
    """How often each command's own write was refused, until it is decided."""

    _times: dict[str, int] = field(default_factory=dict)
    _alone: bool = False

    def learn(self, error: Exception, decided: Decided) -> bool:
        """Whether the error names somebody."""
        named = _named(error, decided)
        if named is not None:
            self._alone = self._alone and bool(self._times)
            self._times[named] = self._times.get(named, 0) + 1
        return named is not None

    def acquit(self, decided: Iterable[str]) -> None:
        for id_ in decided:
            self._times.pop(id_, None)

    def refused(self) -> set[str]:
        return {id_ for id_, times in self._times.items() if times >= 2}

    def apart(self, todo: list[Command], decided: Decided) -> list[Command]:
        """The commands to decide now: all others and one suspect alone by turns, so that neither waits for ever.

        Within an aggregate nothing goes before a suspect that it came after.
        """
        if not any(command.id in self._times for command in todo):
            return todo
        going: list[Command] = []
        free: list[Command] = []
        ahead: set[str] = set()
        held: set[str] = set()
        for command in todo:
            if command.aggregate in held:
                continue
            if command.id in self._times:
                held.add(command.aggregate)
                if command.aggregate not in ahead:
                    free.append(command)
            else:
                ahead.add(command.aggregate)
                going.append(command)
        alone, self._alone = self._alone, not self._alone
        if free and (alone or not going):
            going = free[:1]
        decided.put_back.update({command.id for command in todo} - {command.id for command in going})
        return going


def _named(error: Exception, decided: Decided) -> str | None:
    """The command behind a refused write; errors of the journal's own collections are a fence and nobody's fault."""
    if isinstance(error, InvalidDocument | OverflowError) and len(decided.results) == 1:
        return next(iter(decided.results))
    if not isinstance(error, errors.BulkWriteError) or not error.details:
        return None
    for problem in error.details.get("writeErrors", []):
        collection = _collection(problem)
        if collection not in (None, JOURNAL, RESULTS, HANDOFFS):
            return _owner(problem, str(collection), decided)
    return None


def _collection(problem: Document) -> str | None:
    """MongoDB names it in the text alone: `... collection: <database>.<collection> index: ...`."""
    after = str(problem.get("errmsg", "")).partition("collection: ")[2].partition(" ")[0]
    return after.partition(".")[2] or None


def _owner(problem: Document, collection: str, decided: Decided) -> str | None:
    operation = problem.get("op", {})
    id_ = operation.get("_id", operation.get("q", {}).get("_id"))
    return decided.documents.owner(Ref(collection, id_)) if isinstance(id_, str) else None
