"""What the journal keeps for a member: `accounts`, by member id, the root of all that is decided for them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Document
from notifications_service.domain.contact import Account, Address, AddressGiven
from notifications_service.handlers.contact import VERIFY, Reach
from notifications_service.handlers.inbox import Lines, inbox_of
from notifications_service.store.notice import INBOX, MAILS, waiting_mail
from notifications_service.store.people import ACCOUNTS

READS = "inbox_reads"


def account_of(document: Document | None, member_id: str) -> Account:
    """The account as documents hold it; a new one where there is none. Earlier releases noted its last change alone."""
    if document is None or "contact" not in document:
        return Account(member_id)
    contact = document["contact"]
    stored = document.get("address")
    return Account(
        member_id=member_id,
        address=None if stored is None else Address(**stored),
        version=contact["version"],
        rounds=contact["rounds"],
        asked_at=tuple(contact["asked_at"]),
        updated_at=contact["updated_at"],
        created_at=contact.get("created_at") or contact["updated_at"],
    )


def _mail_id(command: Command) -> str:
    return derived_id("mail", VERIFY, command.id)


def _root(command: Command, documents: Documents) -> Document:
    return documents.get(ACCOUNTS, command.aggregate) or {"_id": command.aggregate, "v": 1, "seen": False}


class ContactStore:
    """Accounts, and the verification mail that a given address causes.

    The mail is the one document here that somebody else goes on with: the lane inserts it, under an id of its command,
    and never looks at it again; from then on it is the mail worker's.
    """

    @staticmethod
    def reads(command: Command, documents: Documents) -> Iterable[Read]:
        return [Ref(ACCOUNTS, command.aggregate)]

    @staticmethod
    def load(command: Command, documents: Documents) -> Reach:
        return Reach(account_of(documents.get(ACCOUNTS, command.aggregate), command.aggregate))

    @staticmethod
    def reads_giving(command: Command, documents: Documents) -> Iterable[Read]:
        return [Ref(ACCOUNTS, command.aggregate), Ref(MAILS, _mail_id(command))]

    @staticmethod
    def save(command: Command, documents: Documents, outcome: Outcome[Reach], now: datetime) -> None:
        account = outcome.state.account
        address = account.address
        documents.put(
            ACCOUNTS,
            {
                **_root(command, documents),
                "address": None
                if address is None
                else {
                    "sealed": address.sealed,
                    "given_at": address.given_at,
                    "round": address.round,
                    "verified_at": address.verified_at,
                },
                "contact": {
                    "version": account.version,
                    "rounds": account.rounds,
                    "asked_at": list(account.asked_at),
                    "created_at": account.created_at,
                    "updated_at": account.updated_at,
                },
            },
        )
        if outcome.state.mail is not None:
            documents.put(MAILS, _verification(command, outcome.state.mail, now))


def _verification(command: Command, given: AddressGiven, now: datetime) -> Document:
    content: Document = {
        "_id": _mail_id(command),
        "member_id": command.aggregate,
        "kind": VERIFY,
        "at": now,
        "details": {"round": given.round},
    }
    return waiting_mail(content, pace="prompt", due_at=now, trace=command.trace)


class MemberStore:
    """Whether a member has been met."""

    @staticmethod
    def reads(command: Command, documents: Documents) -> Iterable[Read]:
        return [Ref(ACCOUNTS, command.aggregate)]

    @staticmethod
    def load(command: Command, documents: Documents) -> bool:
        return bool(_root(command, documents)["seen"])

    @staticmethod
    def save(command: Command, documents: Documents, outcome: Outcome[bool], now: datetime) -> None:
        documents.put(ACCOUNTS, {**_root(command, documents), "seen": outcome.state})


class InboxStore:
    """Which lines were read: `inbox_reads`, by line id. The lines themselves are the consumer's."""

    @staticmethod
    def reads(command: Command, documents: Documents) -> Iterable[Read]:
        own = [line for line in command.body["lines"] if line.startswith(inbox_of(command.aggregate))]
        return [
            Ref(ACCOUNTS, command.aggregate),
            *(Ref(INBOX, line) for line in own),
            *(Ref(READS, line) for line in own),
        ]

    @staticmethod
    def load(command: Command, documents: Documents) -> Lines:
        prefix = inbox_of(command.aggregate)
        own = {
            line for line in command.body["lines"] if line.startswith(prefix) and documents.get(INBOX, line) is not None
        }
        return Lines(frozenset(own), frozenset(line for line in own if documents.get(READS, line) is not None))

    @staticmethod
    def save(command: Command, documents: Documents, outcome: Outcome[Lines], now: datetime) -> None:
        documents.put(ACCOUNTS, _root(command, documents))
        for line in outcome.state.fresh:
            read: dict[str, Any] = {"_id": line, "v": 1, "at": now}
            documents.put(READS, read)
