"""Reports in the database: `reports`, by report id; with them, what decisions of moderation need and leave behind."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Document
from groups_service.domain import report as reports
from groups_service.domain.report import Report, Target
from groups_service.handlers.moderation import JUDGE, Case
from groups_service.handlers.report import FORGET, report_id_of, target_of
from groups_service.store.circle import CircleStore
from groups_service.store.post import POSTS, post_of

REPORTS = "reports"


class CaseStore:
    """Reads, loads and saves a group with the post and the report that a command is about."""

    def __init__(self) -> None:
        self._circles = CircleStore()

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        yield from self._circles.reads(command, documents)
        post_id = _post_id(command)
        if post_id is not None:
            yield Ref(POSTS, post_id)
        if command.name != JUDGE:
            yield Ref(REPORTS, report_id_of(command))

    def load(self, command: Command, documents: Documents) -> Case:
        post_id = _post_id(command)
        post = None if post_id is None else documents.get(POSTS, post_id)
        report = None if command.name == JUDGE else documents.get(REPORTS, report_id_of(command))
        return Case(
            self._circles.load(command, documents),
            None if post is None else post_of(post),
            None if report is None else report_of(report),
        )

    def save(self, command: Command, documents: Documents, outcome: Outcome[Case], now: datetime) -> None:
        case = outcome.state
        self._circles.save(command, documents, Outcome(case.situation, outcome.facts), now)
        if case.report is not None and any(isinstance(fact, reports.Fact) for fact in outcome.facts):
            documents.put(REPORTS, document_of(case.report))


def document_of(report: Report) -> Document:
    """`open` is there to find what waits; who filed it, for whoever asks what is kept of a person."""
    values: dict[str, Any] = asdict(report)
    return {"_id": values.pop("id"), "v": 1, **values, "open": report.action is None}


def report_of(document: Document) -> Report:
    values = {name: value for name, value in document.items() if name not in ("_id", "v", "open", "target")}
    return Report(document["_id"], target=Target(**document["target"]), **values)


def _post_id(command: Command) -> str | None:
    """The post that is judged or reported, if one is."""
    if command.name == FORGET:
        return None
    if command.name == JUDGE:
        judged: str = command.body["post_id"]
        return judged
    target = target_of(command)
    return target.id if target.what in ("post", "reply") else None
