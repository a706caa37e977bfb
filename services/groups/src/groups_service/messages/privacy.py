"""What the other services are told of members' requests about their own data."""

from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Told
from chassis.privacy.case import outgoing
from contracts.privacy import PrivacyRequested
from groups_service.domain.privacy import (
    ErasureAnnounced,
    ErasureAskedAgain,
    ErasureBegun,
    ErasureUndone,
    ExportAsked,
    Fact,
    ReceiptCame,
    Request,
)
from groups_service.handlers.privacy import Known

_PRIVACY = "convene.groups.privacy"


def tell_request(command: Command, outcome: Outcome[Known], now: datetime) -> Told:
    """One message for each step that the services go along with, and one that tells the member of their archive."""
    request = outcome.state
    if request is None:
        return Told()
    told = [(_said(request, fact), fact) for fact in outcome.facts]
    return Told([outgoing(body, _type(body), request.id) for body, _ in told if body is not None])


def _said(request: Request, fact: Fact) -> PrivacyRequested | None:
    match fact:
        case ExportAsked():
            return PrivacyRequested(request_id=request.id, member_id=request.member_id, kind="export", stage="asked")
        case ErasureAnnounced() | ErasureAskedAgain():
            return PrivacyRequested(
                request_id=request.id,
                member_id=request.member_id,
                kind="erasure",
                stage="announced",
                due_at=request.due_at,
                issued_at=request.issued_at,
            )
        case ErasureUndone():
            return PrivacyRequested(request_id=request.id, member_id=request.member_id, kind="erasure", stage="undone")
        case ErasureBegun():
            return PrivacyRequested(request_id=request.id, member_id=request.member_id, kind="erasure", stage="begun")
        case ReceiptCame() if request.kind == "export" and request.status == "done":
            return PrivacyRequested(
                request_id=request.id, member_id=request.member_id, kind="export", stage="asked", ready=True
            )
    return None


def _type(body: PrivacyRequested) -> str:
    return f"{_PRIVACY}.{body.kind}-{'ready' if body.ready else body.stage}.v1"
