"""The audit log of a group: every act of moderation, each linked to the one before it by a digest.

Links hold ids and nothing that anybody wrote, so that forgetting a person breaks no chain.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from groups_service.domain.membership import Banned, Removed, RoleChanged, Unbanned
from groups_service.domain.moderation import PostJudged
from groups_service.domain.report import ReportResolved


@dataclass(frozen=True, slots=True)
class Act:
    """who did what about whom; detail: the role given, or what became of the report."""

    what: str
    who: str
    whom: str | None = None
    post_id: str | None = None
    report_id: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """number: from 1 on, without gaps; previous: the digest of the link before, empty for the first."""

    group_id: str
    number: int
    previous: str
    act: Act
    at: datetime
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The last link, as the group remembers it."""

    number: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first link that is not as it was written. why: changed, missing, out-of-place, cut or unknown."""

    group_id: str
    number: int
    why: str


NOTHING: Final = Head()


def act_of(fact: object) -> Act | None:
    """What the log says of a fact; None of what is no act of moderation."""
    act: Act | None = None
    match fact:
        case Removed(_, member_id, by):
            act = Act("remove", by, member_id)
        case Banned(_, member_id, by):
            act = Act("ban", by, member_id)
        case Unbanned(_, member_id, by):
            act = Act("unban", by, member_id)
        case RoleChanged(_, member_id, by, role):
            act = Act("role", by, member_id, detail=role)
        case PostJudged(_, post_id, _, author_id, by, what):
            act = Act(what, by, author_id, post_id=post_id)
        case ReportResolved(_, report_id, by, action, whom):
            act = Act("resolve", by, whom, report_id=report_id, detail=action)
    return act


def links(group_id: str, head: Head, facts: Iterable[object], now: datetime) -> list[Link]:
    """The links that the facts add behind the head."""
    added: list[Link] = []
    for act in filter(None, map(act_of, facts)):
        link = Link(group_id, head.number + 1, head.digest, act, now)
        head = Head(link.number, digest(link))
        added.append(Link(group_id, link.number, link.previous, act, now, head.digest))
    return added


def digest(link: Link) -> str:
    """SHA-256 in hex over all else that a link holds, as JSON with sorted keys, the time in UTC to the millisecond."""
    at = link.at.astimezone(UTC).isoformat(timespec="milliseconds")
    held = {"group_id": link.group_id, "number": link.number, "previous": link.previous, "at": at, **asdict(link.act)}
    return sha256(json.dumps(held, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def first_broken(group_id: str, head: Head, found: Sequence[Link]) -> Broken | None:
    """The first link that shows damage, if any does. found: all of the group's links, in the order of their numbers."""
    before = NOTHING
    for link in found:
        expected = before.number + 1
        if not isinstance(link.number, int) or not isinstance(link.at, datetime):
            return Broken(group_id, expected, "changed")
        if link.number > head.number:
            return Broken(group_id, link.number, "unknown")
        if link.number != expected:
            return Broken(group_id, expected, "missing" if link.number > expected else "out-of-place")
        if digest(link) != link.digest:
            return Broken(group_id, link.number, "changed")
        if link.previous != before.digest:
            return Broken(group_id, link.number, "out-of-place")
        before = Head(link.number, link.digest)
    cut = before.number < head.number
    end = Broken(group_id, before.number + 1, "cut") if cut else Broken(group_id, head.number, "changed")
    return None if before == head else end
