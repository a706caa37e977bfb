"""Members in the database: `members`, by member id."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.journal.numbers import Numbers
from chassis.mongo import Document
from groups_service.domain.member import Member, Profile, Registered
from groups_service.handlers.member import Known

MEMBERS = "members"
MEMBER_NUMBERS = Numbers("member")


class MemberStore:
    """Reads, loads and saves what decisions about one member need."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        return [Ref(MEMBERS, command.aggregate), MEMBER_NUMBERS.ref(command.aggregate)]

    def load(self, command: Command, documents: Documents) -> Known:
        document = documents.get(MEMBERS, command.aggregate)
        member = None if document is None or is_forgotten(document) else member_of(document)
        return Known(member, MEMBER_NUMBERS.next(documents, command.aggregate))

    def save(self, command: Command, documents: Documents, outcome: Outcome[Known], now: datetime) -> None:
        member = outcome.state.member
        if member is None:
            raise ValueError("facts about a member make the member known")
        before = documents.get(MEMBERS, command.aggregate) or {}
        documents.put(MEMBERS, {**before, **(_gone(member) if member.erased else document_of(member))})
        if any(isinstance(fact, Registered) for fact in outcome.facts):
            MEMBER_NUMBERS.take(documents, command.aggregate)


def is_forgotten(document: Document | None) -> bool:
    """Whether it is what stayed of somebody; not of whom nobody has heard."""
    return document is not None and bool(document.get("erased"))


def _gone(member: Member) -> Document:
    """What stays of somebody who was forgotten: their place in the order. A number is given once."""
    blank = dict.fromkeys(asdict(member.profile))
    return {**blank, "version": member.version, "updated_at": member.updated_at, "erased": True, "number": None}


def document_of(member: Member) -> Document:
    return {
        "_id": member.id,
        "v": 1,
        "number": member.number,
        "erased": False,
        **{name: list(value) if isinstance(value, tuple) else value for name, value in asdict(member.profile).items()},
        "version": member.version,
        "created_at": member.created_at,
        "updated_at": member.updated_at,
    }


def member_of(document: Document) -> Member:
    return Member(
        id=document["_id"],
        number=document["number"],
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        profile=Profile(
            name=document["name"],
            bio=document["bio"],
            photo=document["photo"],
            city=document["city"],
            country=document["country"],
            lat=document["lat"],
            lon=document["lon"],
            timezone=document["timezone"],
            locale=document["locale"],
            topics=tuple(document["topics"]),
            attendance=document["attendance"],
        ),
        version=document["version"],
    )
