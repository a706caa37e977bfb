"""What a member asks of the platform about themselves: to have everything, or to be forgotten; and who has done it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from groups_service.domain.refusal import Refused

Kind = Literal["export", "erasure"]
Status = Literal["grace", "undone", "asked", "done"]

SERVICES: Final = ("groups", "events", "notifications")
"""Who has to send a receipt."""
GRACE: Final = timedelta(days=7)
"""How long an erasure can be undone, by coming back."""
FRESH: Final = timedelta(days=1)
"""For so long an export that is done answers also those who ask for another."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """attempt, chunks: of an export, the gathering of that service that counts, and how many chunks it has."""

    service: str
    attempt: str = ""
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """due_at: of an erasure in its grace, when it begins. round: which of the member's erasures or exports this is;
    0 of an export from before they were counted.

    issued_at: of an erasure, when the token that asked for it last was issued, by its issuer's clock (epoch seconds).
    `version` counts what happened to it.
    """

    id: str
    member_id: str
    kind: Kind
    status: Status
    asked_at: datetime
    updated_at: datetime
    due_at: datetime | None = None
    round: int = 0
    receipts: tuple[Receipt, ...] = ()
    issued_at: float | None = None
    version: int = 1

    @property
    def missing(self) -> tuple[str, ...]:
        """Whose receipts have not come; nobody's are waited for before it is asked."""
        if self.status != "asked":
            return ()
        there = {receipt.service for receipt in self.receipts}
        return tuple(service for service in SERVICES if service not in there)


@dataclass(frozen=True, slots=True)
class ExportAsked:
    request_id: str
    member_id: str
    round: int = 0


@dataclass(frozen=True, slots=True)
class ErasureAnnounced:
    request_id: str
    member_id: str
    round: int
    due_at: datetime
    issued_at: float | None = None


@dataclass(frozen=True, slots=True)
class ErasureAskedAgain:
    """With a younger token, which is no coming back."""

    request_id: str
    issued_at: float


@dataclass(frozen=True, slots=True)
class ErasureUndone:
    request_id: str


@dataclass(frozen=True, slots=True)
class ErasureBegun:
    """From here on there is no way back."""

    request_id: str
    member_id: str
    round: int


@dataclass(frozen=True, slots=True)
class ReceiptCame:
    request_id: str
    service: str
    attempt: str
    chunks: int


Fact = ExportAsked | ErasureAnnounced | ErasureAskedAgain | ErasureUndone | ErasureBegun | ReceiptCame

UNKNOWN: Final = Refused("request-not-found", "There is no such request.")


def export(request: Request | None, request_id: str, member_id: str, *, round_: int) -> list[Fact]:
    """Have everything gathered."""
    return [] if request is not None else [ExportAsked(request_id, member_id, round_)]


def erase(
    request: Request | None,
    request_id: str,
    member_id: str,
    *,
    round_: int,
    at_once: bool,
    now: datetime,
    issued_at: float | None = None,
) -> list[Fact]:
    """Be forgotten after the grace, or at once. Asking again moves nothing, but may end the grace.

    issued_at: of the token that asks, by its issuer's clock (epoch seconds).
    """
    if request is not None and request.status != "grace":
        return []
    if at_once:
        return [ErasureBegun(request_id, member_id, round_)]
    if request is None:
        return [ErasureAnnounced(request_id, member_id, round_, now + GRACE, issued_at)]
    if issued_at is not None and issued_at > (request.issued_at or 0.0):
        return [ErasureAskedAgain(request_id, issued_at)]
    return []


def lapse(request: Request | None, now: datetime) -> list[Fact]:
    """The grace has ended."""
    if request is None or request.status != "grace" or request.due_at is None or now < request.due_at:
        return []
    return [ErasureBegun(request.id, request.member_id, request.round)]


def returned(request: Request | None, issued_at: float | None = None) -> list[Fact]:
    """The member came back: in time, or not. Who asked again meanwhile, with this token or a younger one, did not.

    issued_at: of the token they came back with; None where the service does not say it yet.
    """
    if request is None or request.status != "grace":
        return []
    if issued_at is not None and request.issued_at is not None and issued_at <= request.issued_at:
        return []
    return [ErasureUndone(request.id)]


def receive(request: Request | None, service: str, attempt: str, chunks: int) -> list[Fact]:
    """A service has done its part; the first receipt of each counts."""
    if request is None or service not in request.missing:
        return []
    return [ReceiptCame(request.id, service, attempt, chunks)]


def evolve(request: Request | None, fact: Fact, now: datetime) -> Request:
    """The request after a fact. It is done when all receipts are there."""
    match fact:
        case ExportAsked(id_, member_id, round_):
            return Request(id_, member_id, "export", "asked", now, now, None, round_)
        case ErasureAnnounced(id_, member_id, round_, due_at, issued_at):
            return Request(id_, member_id, "erasure", "grace", now, now, due_at, round_, issued_at=issued_at)
        case ErasureAskedAgain(_, issued_at) if request is not None:
            return replace(request, issued_at=issued_at, updated_at=now, version=request.version + 1)
        case ErasureBegun(id_, member_id, round_):
            asked_at, version = (now, 1) if request is None else (request.asked_at, request.version + 1)
            return Request(id_, member_id, "erasure", "asked", asked_at, now, None, round_, version=version)
        case ErasureUndone() if request is not None:
            return replace(request, status="undone", due_at=None, updated_at=now, version=request.version + 1)
        case ReceiptCame(_, service, attempt, chunks) if request is not None:
            receipts = (*request.receipts, Receipt(service, attempt, chunks))
            after = replace(request, receipts=receipts, updated_at=now, version=request.version + 1)
            return after if after.missing else replace(after, status="done")
    raise ValueError("this cannot have happened to a request that nobody made")
