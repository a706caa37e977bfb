"""Commands about reports, and how they are decided. The aggregate is the group in which something is reported."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.followed import Decided
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from chassis.times import when
from groups_service.domain import report as reports
from groups_service.domain.report import Target
from groups_service.handlers.answer import Answer
from groups_service.handlers.moderation import Case, decided, saying_what_follows, with_post

FILE: Final = "report.file"
RESOLVE: Final = "report.resolve"
FORGET: Final = "report.forget"


def _actor(command: Command) -> str:
    return command.actor or ""


FILES: Final = Personal(_actor, body=("reason", "text"), answer=("reason", "text"))
RESOLVES: Final = Personal(_actor, body=("note",), answer=("note",))
"""What reporters write, and what those who judge note down."""


async def file(journal: Journal, ask: Ask, group_id: str, target: Target, *, reason: str, text: str) -> Result:
    """Report something that was found in the group."""
    body = {"target": asdict(target), "member_id": target.member_id, "reason": reason, "text": text}
    return await journal.run(ask(name=FILE, aggregate=group_id, body=body))


async def resolve(
    journal: Journal,
    ask: Ask,
    followed: Decided,
    report: Mapping[str, Any],
    *,
    action: str,
    note: str,
    platform: bool,
) -> Result:
    """Decide about a report. report: its document; platform: by an admin of the platform."""
    target = report["target"]
    body = {
        "report_id": report["_id"],
        "target": target,
        "member_id": target["member_id"],
        "action": action,
        "note": note,
        "platform": platform,
    }
    return await with_post(journal, followed, ask(name=RESOLVE, aggregate=report["group_id"], body=body))


def report_id_of(command: Command) -> str:
    """The report that a command is about: of one person about one thing in one group there is one."""
    if command.name != FILE:
        known: str = command.body["report_id"]
        return known
    target = command.body["target"]
    return derived_id("report", command.aggregate, command.actor or "", target["what"], target["id"])


def target_of(command: Command) -> Target:
    return Target(**command.body["target"])


def decide_file(case: Case, command: Command, now: datetime) -> Outcome[Case]:
    """The reporter hears what they reported, and not who judges it."""
    body, actor = command.body, command.actor or ""
    outcome = decided(
        case,
        now,
        lambda circle: reports.file(
            case.report,
            circle,
            actor,
            report_id=report_id_of(command),
            target=target_of(command),
            post=case.post,
            words={"reason": body["reason"], "text": body["text"]},
        ),
        _filed,
    )
    made = outcome.refused is None and case.report is None
    return Outcome(outcome.state, outcome.facts, outcome.answer, made, outcome.refused, outcome.detail)


def decide_resolve(case: Case, command: Command, now: datetime) -> Outcome[Case]:
    body, actor = command.body, command.actor or ""
    outcome = decided(
        case,
        now,
        lambda circle: reports.resolve(
            case.report,
            circle,
            actor,
            action=body["action"],
            note=body["note"],
            platform=body["platform"],
            post=case.post,
            now=now,
        ),
        _resolved,
    )
    return saying_what_follows(outcome, command)


def decide_forget(case: Case, command: Command, now: datetime) -> Outcome[Case]:
    return decided(case, now, lambda _: reports.forget(case.report, command.actor or ""), lambda _: {})


def _filed(case: Case) -> Answer:
    report = case.report
    if report is None:
        raise ValueError("something was reported")
    return {
        "report_id": report.id,
        "group_id": report.group_id,
        "what": report.target.what,
        "id": report.target.id,
        "reason": report.reason,
        "text": report.text,
        "state": "open" if report.action is None else "resolved",
        **counted(report.filed_at, report.resolved_at),
    }


def _resolved(case: Case) -> Answer:
    report = case.report
    if report is None:
        raise ValueError("a report was resolved")
    return {
        "report_id": report.id,
        "group_id": report.group_id,
        "what": report.target.what,
        "id": report.target.id,
        "state": "open" if report.action is None else "resolved",
        "action": report.action,
        "note": report.note,
        "resolved_by": report.resolved_by,
        "resolved_at": when(report.resolved_at),
        **counted(report.filed_at, report.resolved_at),
    }


def counted(filed_at: datetime, resolved_at: datetime | None) -> Answer:
    """How often a report changed and when, which is once at most: when it is resolved."""
    return {
        "version": 1 if resolved_at is None else 2,
        "created_at": when(filed_at),
        "updated_at": when(resolved_at or filed_at),
    }
