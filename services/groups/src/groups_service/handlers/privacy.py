"""Commands about a member's own data, and how they are decided. The aggregate is the request."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.port import Ask, Journal
from chassis.times import when
from groups_service.domain import privacy
from groups_service.domain.privacy import Fact, Request

EXPORT: Final = "privacy.export"
ERASE: Final = "privacy.erase"
LAPSE: Final = "privacy.lapse"
RECEIVE: Final = "privacy.receive"

Known = Request | None


async def export(journal: Journal, ask: Ask, member_id: str, latest: Known, *, anew: bool) -> Result:
    """Have everything gathered that the platform holds of the member. latest: the export they asked for last; anew:
    whether it does not answer them any more."""
    round_ = 1 if latest is None else latest.round + anew
    id_ = derived_id("export", member_id, str(round_)) if latest is None or anew else latest.id
    return await journal.run(ask(name=EXPORT, aggregate=id_, body={"member_id": member_id, "round": round_}))


async def erase(
    journal: Journal, ask: Ask, member_id: str, latest: Known, *, at_once: bool, issued_at: float | None
) -> Result:
    """Be forgotten. latest: the last erasure the member asked for; one that is over is followed by another.

    issued_at: of the token that asks, in epoch seconds; a repeat of the request may come with another one.
    """
    return await journal.run(erasure(ask, member_id, latest, at_once=at_once, issued_at=issued_at))


def erasure(ask: Ask, member_id: str, latest: Known, *, at_once: bool, issued_at: float | None = None) -> Command:
    round_ = 1 if latest is None else latest.round + (latest.status in ("undone", "done"))
    id_ = derived_id("erasure", member_id, str(round_))
    body = {"member_id": member_id, "round": round_, "now": at_once, "issued_at": issued_at}
    return ask(name=ERASE, aggregate=id_, body=body)


def by_operator(*, name: str, aggregate: str, body: dict[str, Any]) -> Command:
    """The port of whoever runs the platform: the same command however often they ask for it."""
    return Command(derived_id("operator", name, aggregate), name, aggregate, body)


def lapse(request_id: str, at: datetime) -> Command:
    """The grace shall end. The same however often it is asked for; at: the database's time by which it was due."""
    return Command(derived_id("erasure-due", request_id), LAPSE, request_id, {"at": at.isoformat()})


def receive(
    ask: Ask, request_id: str, *, service: str, returned: bool, attempt: str, chunks: int, issued_at: float | None
) -> Command:
    """issued_at: of a return, of the token that the member came back with, in epoch seconds."""
    body = {"service": service, "returned": returned, "attempt": attempt, "chunks": chunks, "issued_at": issued_at}
    return ask(name=RECEIVE, aggregate=request_id, body=body)


def decide_export(request: Known, command: Command, now: datetime) -> Outcome[Known]:
    body = command.body
    facts = privacy.export(request, command.aggregate, body["member_id"], round_=body.get("round", 0))
    return replace(_outcome(request, facts, now), created=bool(facts))


def decide_erase(request: Known, command: Command, now: datetime) -> Outcome[Known]:
    body = command.body
    facts = privacy.erase(
        request,
        command.aggregate,
        body["member_id"],
        round_=body["round"],
        at_once=body["now"],
        now=now,
        issued_at=body.get("issued_at"),
    )
    return _outcome(request, facts, now)


def decide_lapse(request: Known, command: Command, now: datetime) -> Outcome[Known]:
    """A clock that went back meanwhile does not undo that it was due."""
    at = max(now, datetime.fromisoformat(command.body["at"]))
    return _outcome(request, privacy.lapse(request, at), now)


def decide_receive(request: Known, command: Command, now: datetime) -> Outcome[Known]:
    body = command.body
    if body["returned"]:
        return _outcome(request, privacy.returned(request, body.get("issued_at")), now)
    return _outcome(request, privacy.receive(request, body["service"], body["attempt"], body["chunks"]), now)


def _outcome(request: Known, facts: Sequence[Fact], now: datetime) -> Outcome[Known]:
    for fact in facts:
        request = privacy.evolve(request, fact, now)
    return Outcome(request, facts, {} if request is None else request_answer(request))


def request_answer(request: Request) -> dict[str, Any]:
    """How far it is. `missing`: the services that have not done their part yet."""
    return {
        f"{request.kind}_id": request.id,
        "member_id": request.member_id,
        "status": request.status,
        "due_at": when(request.due_at),
        "missing": list(request.missing),
        "version": request.version,
        "created_at": when(request.asked_at),
        "updated_at": when(request.updated_at),
    }
