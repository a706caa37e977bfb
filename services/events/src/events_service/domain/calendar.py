"""A member's own calendar: a secret address that a calendar program reads, and that its member can take back."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class CalendarLink:
    """digest: of the secret in the address in force, None = there is none."""

    member_id: str
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class LinkGiven:
    """What was there before leads nowhere any more."""

    member_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class LinkRevoked:
    member_id: str


Fact = LinkGiven | LinkRevoked


def give(link: CalendarLink, digest: str) -> list[Fact]:
    return [LinkGiven(link.member_id, digest)]


def revoke(link: CalendarLink) -> list[Fact]:
    """Twice changes nothing."""
    return [] if link.digest is None else [LinkRevoked(link.member_id)]


def evolve(link: CalendarLink, fact: Fact) -> CalendarLink:
    """The link after the fact."""
    return replace(link, digest=fact.digest if isinstance(fact, LinkGiven) else None)
