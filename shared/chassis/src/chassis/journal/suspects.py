"""One command never spoils the others' batch.

A command is refused only for an error that the server (or the encoder) ties to its own write, and only after it failed
again alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chassis.journal.attempt import Decided
from chassis.journal.command import Command
from chassis.journal.documents import Ref
from chassis.journal.shape import HANDOFFS, JOURNAL, RESULTS
from chassis.mongo import Document, InvalidDocument, errors


@dataclass(slots=True)
class Suspects:
    """How often each command's own write was refused, until it is decided."""

    _times: dict[str, int] = field(default_factory=dict)

    def learn(self, error: Exception, decided: Decided) -> bool:
        """Whether the error names somebody."""
        named = _named(error, decided)
        if named is not None:
            self._times[named] = self._times.get(named, 0) + 1
        return named is not None

    def acquit(self, decided: Iterable[str]) -> None:
        for id_ in decided:
            self._times.pop(id_, None)

    def refused(self) -> set[str]:
        return {id_ for id_, times in self._times.items() if times >= 2}

    def apart(self, todo: list[Command], decided: Decided) -> list[Command]:
        """The commands to decide now: a suspect waits until the others are through, then goes alone."""
        suspects = [command for command in todo if command.id in self._times]
        if not suspects:
            return todo
        going = [command for command in todo if command.id not in self._times] or suspects[:1]
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
