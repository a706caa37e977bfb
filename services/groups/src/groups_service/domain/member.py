"""A member: known since the first authenticated call, described by their profile."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from groups_service.domain.refusal import Refused

Attendance = Literal["everyone", "members", "nobody"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What members say of themselves. Only name, photo, locale, zone and attendance leave this service."""

    name: str = ""
    bio: str = ""
    photo: str | None = None
    city: str | None = None
    country: str | None = None
    lat: float | None = None
    lon: float | None = None
    timezone: str = "UTC"
    locale: str = "en"
    topics: tuple[str, ...] = ()
    attendance: Attendance = "everyone"


@dataclass(frozen=True, slots=True)
class Member:
    """`version` counts the changes, the registration being the first."""

    id: str
    number: int
    created_at: datetime
    updated_at: datetime
    profile: Profile = field(default_factory=Profile)
    version: int = 1
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    member_id: str
    number: int


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """profile: all the fields of a `Profile`, as they are from now on."""

    member_id: str
    profile: dict[str, Any] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class Erased:
    """The member is forgotten. Whoever comes back under the same id is somebody new, with another number."""

    member_id: str


Fact = Registered | ProfileChanged | Erased

NO_NUMBERS = Refused("no-numbers", "There are no numbers left to give.")


def register(member: Member | None, member_id: str, number: int | None) -> list[Fact] | Refused:
    """Make the member known. Being seen again changes nothing."""
    if member is not None:
        return []
    if number is None:
        return NO_NUMBERS
    return [Registered(member_id, number)]


def describe(
    member: Member | None, member_id: str, number: int | None, profile: Profile, seen: int | None = None
) -> list[Fact] | Refused:
    """Replace the profile; whoever describes themselves before being seen is registered by it. seen: as which version
    the caller knows it, None for any."""
    version = 0 if member is None else member.version
    if seen not in (None, version):
        return Refused("stale-version", f"The profile is at version {version} by now.")
    known = register(member, member_id, number)
    if isinstance(known, Refused):
        return known
    before = Profile() if member is None else member.profile
    if profile == before:
        return known
    return [*known, ProfileChanged(member_id, asdict(profile))]


def erase(member: Member | None) -> list[Fact]:
    """Forget the profile. Nothing changes where there is none."""
    return [] if member is None else [Erased(member.id)]


def evolve(member: Member | None, fact: Fact, now: datetime) -> Member:
    """The member after the fact."""
    match fact:
        case Registered(member_id, number):
            return Member(id=member_id, number=number, created_at=now, updated_at=now)
        case Erased():
            if member is None:
                raise ValueError("only a registered member can be forgotten")
            return Member(member.id, 0, member.created_at, now, version=member.version + 1, erased=True)
        case ProfileChanged(_, profile):
            if member is None:
                raise ValueError("a profile belongs to a registered member")
            return replace(member, profile=Profile(**profile), version=member.version + 1, updated_at=now)
