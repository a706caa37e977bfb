"""Commands about contact points, and how they are decided. Addresses come here sealed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from chassis.journal.seen import Seen, version_seen
from chassis.times import when
from notifications_service.domain import contact
from notifications_service.domain.contact import Account, AddressGiven, Fact, Refused

GIVE: Final = "contact.give"
VERIFY: Final = "contact.verify"


def _of(command: Command) -> str:
    return command.aggregate


ADDRESS: Final = Personal(_of, body=("sealed",))
"""Sealed already, under a key that outlives its owner's account; the journal seals it again under theirs."""


@dataclass(frozen=True, slots=True)
class Reach:
    """An account and, after a decision, the verification mail that it asks for."""

    account: Account
    mail: AddressGiven | None = None


async def give(journal: Journal, ask: Ask, member_id: str, sealed: str | None, seen: Seen | None = None) -> Result:
    """Set the member's address, or remove it with None. seen: what is to be replaced, None for any."""
    version = {} if seen is None else {"version": seen}
    return await journal.run(ask(name=GIVE, aggregate=member_id, body={"sealed": sealed, **version}))


async def verify(journal: Journal, member_id: str, round_: int, *, trace: str | None) -> Result:
    """Prove the address by its link; the link is the same wish however often it is used."""
    return await journal.run(
        Command(
            id=derived_id(VERIFY, member_id, str(round_)),
            name=VERIFY,
            aggregate=member_id,
            body={"round": round_},
            actor=member_id,
            trace=trace,
        )
    )


def decide_give(reach: Reach, command: Command, now: datetime) -> Outcome[Reach]:
    seen = command.body.get("version")
    if seen is not None:
        seen = version_seen(seen, reach.account.version)
    return _outcome(reach, contact.give(reach.account, command.body["sealed"], now, seen))


def decide_verify(reach: Reach, command: Command, now: datetime) -> Outcome[Reach]:
    return _outcome(reach, contact.verify(reach.account, command.body["round"], now))


def _outcome(reach: Reach, decided: Fact | Refused | None) -> Outcome[Reach]:
    if isinstance(decided, Refused):
        return refused(reach, decided, decided.again_at)
    if decided is None:
        return Outcome(reach, answer=contact_answer(reach.account))
    account = contact.evolve(reach.account, decided)
    mail = decided if isinstance(decided, AddressGiven) else None
    return Outcome(Reach(account, mail), [decided], contact_answer(account))


def contact_answer(account: Account) -> dict[str, Any]:
    """What callers are told, but for the address itself, which the edge adds: it is in no result in clear."""
    address = account.address
    return {
        "member_id": account.member_id,
        "verified": address is not None and address.verified_at is not None,
        "verified_at": None if address is None else when(address.verified_at),
        "version": account.version,
        "created_at": when(account.created_at),
        "updated_at": when(account.updated_at),
    }
