"""How commands about who does harm, and about what does harm, are decided."""

from typing import Any

from chassis.journal.decision import Decider
from chassis.journal.personal import Personal
from groups_service.handlers import moderation, report
from groups_service.messages.conversation import tell_case
from groups_service.store.group import GROUPS
from groups_service.store.report import CaseStore


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the group, which writes its audit log in the same turn."""
    cases = CaseStore()

    def of_group(decide: Any, personal: Personal | None = None) -> Decider[Any]:
        return Decider(GROUPS, cases.reads, cases.load, decide, cases.save, tell_case, personal)

    return {
        moderation.JUDGE: of_group(moderation.decide_judge),
        report.FILE: of_group(report.decide_file, report.FILES),
        report.RESOLVE: of_group(report.decide_resolve, report.RESOLVES),
        report.FORGET: of_group(report.decide_forget),
    }
