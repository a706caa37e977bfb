"""A service's part of a request: taken from the topic, worked on, answered with a receipt. Root: `privacy_cases`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Decider, Outcome, Outgoing, Told
from chassis.journal.documents import Documents, Read, Ref
from chassis.journal.personal import Personal
from chassis.mongo import Document
from contracts.message import Message
from contracts.privacy import ExportChunk, Kind, PrivacyReceipt, Service

CASES: Final = "privacy_cases"

TAKE: Final = "privacy.take"
SEND: Final = "privacy.send"
ANSWER: Final = "privacy.answer"
RETURN: Final = "privacy.return"

Stage = Literal["announced", "undone", "open", "answered"]

BEHIND: Final = timedelta(seconds=30)
"""How far the issuer's clock may be behind ours, and a member who signs in again still be heard at once. No more than
that: another device of theirs may have fetched its token before they asked, and undoes nothing by it."""


@dataclass(frozen=True, slots=True)
class Case:
    """announced: an erasure that may still be undone; open: there is something to do.

    asked_at: when the member asked for it, or it was begun, by our clock; None where nothing said so yet.
    issued_at: of an erasure, `iat` of the token that asked for it last, in epoch seconds; None where it said none.
    """

    id: str
    member_id: str
    kind: Kind
    stage: Stage
    asked_at: datetime | None = None
    issued_at: float | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    request_id: str
    member_id: str
    kind: Kind
    stage: Stage
    issued_at: float | None


@dataclass(frozen=True, slots=True)
class ChunkSent:
    request_id: str
    attempt: str
    number: int


@dataclass(frozen=True, slots=True)
class Answered:
    """attempt, chunks: of an export, the gathering that counts and how many chunks it has."""

    request_id: str
    attempt: str
    chunks: int


@dataclass(frozen=True, slots=True)
class Returned:
    """The member came back before their erasure began."""

    request_id: str


def case_id(request_id: str) -> str:
    """The case's own id: in groups the request is an aggregate too, and no two have one id."""
    return f"case-{request_id}"


def send_command(case: Case, attempt: str, number: int, sealed: str) -> Command:
    id_ = derived_id("chunk", case.id, attempt, str(number))
    body = {"member_id": case.member_id, "attempt": attempt, "number": number, "sealed": sealed}
    return Command(id_, SEND, case_id(case.id), body)


def answer_command(case: Case, attempt: str = "", chunks: int = 0) -> Command:
    return Command(
        derived_id("answer", case.id, attempt), ANSWER, case_id(case.id), {"attempt": attempt, "chunks": chunks}
    )


def return_command(request_id: str, member_id: str, issued_at: float | None) -> Command:
    """The same however often they are seen with one token. issued_at: its `iat`, in epoch seconds."""
    id_ = derived_id("return", request_id, str(issued_at))
    return Command(id_, RETURN, case_id(request_id), {"issued_at": issued_at}, actor=member_id)


def came_back(issued_at: float | None, case: Case) -> bool:
    """Whether a token tells that its owner signed in after they asked to be forgotten.

    It is younger than the token that asked, by the issuer's own clock; and by ours not from before they asked, but for
    what the two may differ. A token without a time tells nothing.

    issued_at: epoch seconds.
    """
    if issued_at is None or case.asked_at is None:
        return False
    asked_at = case.asked_at.timestamp()
    if case.issued_at is None:
        return issued_at > asked_at
    return issued_at > case.issued_at and issued_at > asked_at - BEHIND.total_seconds()


def decide_take(case: Case | None, command: Command, now: datetime) -> Outcome[Case | None]:
    """An erasure may be announced again: with a younger token its member asked once more, and has not come back."""
    body, issued_at = command.body, command.body.get("issued_at")
    if case is not None:
        is_younger = body["stage"] == "announced" and issued_at is not None and issued_at > (case.issued_at or 0.0)
        if case.stage == "answered" or (case.stage == body["stage"] and not is_younger):
            return Outcome(case)
    asked_at = datetime.fromisoformat(body["asked_at"]) if "asked_at" in body else None
    after = Case(body["request_id"], body["member_id"], body["kind"], body["stage"], asked_at, issued_at)
    return Outcome(after, [Taken(after.id, after.member_id, after.kind, after.stage, after.issued_at)])


def decide_send(case: Case | None, command: Command, now: datetime) -> Outcome[Case | None]:
    """Of a case that was answered meanwhile by another worker, nothing more is sent."""
    if case is None or case.stage != "open":
        return Outcome(case)
    return Outcome(case, [ChunkSent(case.id, command.body["attempt"], command.body["number"])])


def decide_answer(case: Case | None, command: Command, now: datetime) -> Outcome[Case | None]:
    """The first answer counts."""
    if case is None or case.stage != "open":
        return Outcome(case)
    fact = Answered(case.id, command.body["attempt"], command.body["chunks"])
    return Outcome(replace(case, stage="answered"), [fact])


def decide_return(case: Case | None, command: Command, now: datetime) -> Outcome[Case | None]:
    if case is None or case.stage != "announced" or not came_back(command.body.get("issued_at"), case):
        return Outcome(case)
    return Outcome(case, [Returned(case.id)])


def reads(command: Command, documents: Documents) -> Iterable[Read]:
    return (Ref(CASES, command.aggregate),)


def load(command: Command, documents: Documents) -> Case | None:
    document = documents.get(CASES, command.aggregate)
    return None if document is None else case_of(document)


def save(command: Command, documents: Documents, outcome: Outcome[Case | None], now: datetime) -> None:
    case = outcome.state
    if case is None:
        raise ValueError("facts about a request leave a case")
    before = documents.get(CASES, command.aggregate) or {"created_at": now}
    after = {
        "_id": command.aggregate,
        "v": 1,
        "request_id": case.id,
        "member_id": case.member_id,
        "kind": case.kind,
        "stage": case.stage,
        "asked_at": case.asked_at,
        "issued_at": case.issued_at,
    }
    documents.put(CASES, {**before, **after, "updated_at": now})


def case_of(document: Document) -> Case:
    """One that was taken down before cases said when their member asked was taken down soon after."""
    asked_at = document.get("asked_at") or document["created_at"]
    return Case(
        document["request_id"],
        document["member_id"],
        document["kind"],
        document["stage"],
        asked_at,
        document.get("issued_at"),
    )


def deciders(service: str) -> dict[str, Decider[Any]]:
    """For a service's table of decisions."""
    named = cast("Service", service)

    def tell(command: Command, outcome: Outcome[Case | None], now: datetime) -> Told:
        messages: list[Outgoing] = []
        for fact in outcome.facts:
            messages += _message(named, outcome.state, command, fact)
        return Told(messages)

    def decider(decide: Any, personal: Personal | None = None) -> Decider[Any]:
        return Decider(CASES, reads, load, decide, save, tell, personal)

    return {
        TAKE: decider(decide_take),
        SEND: decider(
            decide_send, Personal(lambda command: str(command.body["member_id"]), topics=(ExportChunk.topic,))
        ),
        ANSWER: decider(decide_answer),
        RETURN: decider(decide_return),
    }


def _message(service: Service, case: Case | None, command: Command, fact: Any) -> list[Outgoing]:
    kind: Kind = "erasure" if case is None else case.kind
    match fact:
        case ChunkSent(request_id, attempt, number):
            sealed = command.body["sealed"]
            body: Message = ExportChunk(
                request_id=request_id, service=service, attempt=attempt, number=number, sealed=sealed
            )
            return [outgoing(body, f"convene.{service}.privacy.chunk-sent.v1", request_id)]
        case Answered(request_id, attempt, chunks):
            body = PrivacyReceipt(request_id=request_id, service=service, kind=kind, attempt=attempt, chunks=chunks)
            return [outgoing(body, f"convene.{service}.privacy.answered.v1", request_id)]
        case Returned(request_id):
            issued_at = command.body.get("issued_at")
            body = PrivacyReceipt(request_id=request_id, service=service, kind=kind, returned=True, issued_at=issued_at)
            return [outgoing(body, f"convene.{service}.privacy.returned.v1", request_id)]
    return []


def outgoing(body: Message, type_: str, request_id: str) -> Outgoing:
    """A message about a request: subject, key and partition are its id."""
    return Outgoing(body.topic, type_, request_id, request_id, request_id, body.model_dump_json())
