"""How a member can be reached: one e-mail address, used once its owner has proved that they read it.

The address is sealed before it comes here; two seals of one address for one member are equal.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

PROVABLE_FOR = timedelta(days=3)
"""How long the link in a verification mail works."""

MAILS_A_DAY = 5
"""Verification mails one member can cause in 24 hours: the platform must not be a way to flood a stranger."""


@dataclass(frozen=True, slots=True)
class Address:
    """A sealed address. `round` counts verification mails of the account and names the one that a link belongs to."""

    sealed: str
    given_at: datetime
    round: int
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What this service decides for one member.

    version: counts the changes of the contact points, for ETag. created_at: of the first; updated_at: of the last.
    asked_at: when the latest verification mails were caused, at most a day old.
    """

    member_id: str
    address: Address | None = None
    version: int = 0
    rounds: int = 0
    asked_at: tuple[datetime, ...] = ()
    updated_at: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddressGiven:
    sealed: str = field(metadata={"personal": True})
    round: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AddressVerified:
    round: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AddressRemoved:
    at: datetime


Fact = AddressGiven | AddressVerified | AddressRemoved


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a wish is not granted: a stable reason and a sentence for the caller. again_at: when it may be, if ever."""

    reason: str
    detail: str
    again_at: datetime | None = None


def give(
    account: Account, sealed: str | None, now: datetime, seen: int | None = None
) -> AddressGiven | AddressRemoved | Refused | None:
    """Set or remove the address. A verified one given again changes nothing; an unverified one is mailed again. seen:
    as which version the caller knows it, None for any."""
    if seen not in (None, account.version):
        return Refused("stale-version", f"The contact points are at version {account.version} by now.")
    if sealed is None:
        return None if account.address is None else AddressRemoved(at=now)
    known = account.address
    if known is not None and known.sealed == sealed and known.verified_at is not None:
        return None
    lately = _within_a_day(account, now)
    if len(lately) >= MAILS_A_DAY:
        detail = f"At most {MAILS_A_DAY} verification mails in 24 hours."
        return Refused("too-many-verifications", detail, again_at=lately[-MAILS_A_DAY] + timedelta(days=1))
    return AddressGiven(sealed=sealed, round=account.rounds + 1, at=now)


def verify(account: Account, round_: int, now: datetime) -> AddressVerified | Refused | None:
    """Prove the address by the link of its latest verification mail. A second use of the link changes nothing."""
    address = account.address
    if address is None or address.round != round_:
        return Refused("link-replaced", "This link belongs to an address or a mail that a later one has replaced.")
    if address.verified_at is not None:
        return None
    if now - address.given_at > PROVABLE_FOR:
        return Refused("link-expired", "This link has expired. Give the address again to get a new one.")
    return AddressVerified(round=round_, at=now)


def evolve(account: Account, fact: Fact) -> Account:
    """The account after a fact."""
    created_at = account.created_at or fact.at
    account = replace(account, version=account.version + 1, created_at=created_at, updated_at=fact.at)
    match fact:
        case AddressGiven(sealed, round_, at):
            address = Address(sealed=sealed, given_at=at, round=round_)
            asked_at = (*_within_a_day(account, at), at)
            return replace(account, address=address, rounds=round_, asked_at=asked_at)
        case AddressVerified(_, at) if account.address is not None:
            return replace(account, address=replace(account.address, verified_at=at))
        case _:
            return replace(account, address=None)


def _within_a_day(account: Account, now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in account.asked_at if now - at < timedelta(days=1))
