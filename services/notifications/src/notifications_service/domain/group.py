"""What the members of a group are told of the group itself."""

from dataclasses import replace
from datetime import datetime

from chassis.frozen import frozen
from notifications_service.domain.notice import Cause, Kind, Spread


@frozen
class Vacancy:
    """Nobody organizes the group. offered: somebody offers to, and a vote is under way."""

    freezes_at: datetime
    closes_at: datetime
    offered: bool


@frozen
class GroupBefore:
    """What was known of a group before a message about it."""

    private: bool
    status: str


def of_group(
    *,
    private: bool,
    status: str,
    vacancy: Vacancy | None,
    said: str,
    before: GroupBefore | None,
    group: str,
    cause: Cause,
) -> list[Spread]:
    """What a new state of a group tells its members.

    Compared with what was known before, as for events; with nothing known before, the message's own word (`said`)
    decides. Any member can step up, so all of them hear that somebody has to: when the organizer has left, and once
    more when the group is frozen, unless somebody offers by then.
    """
    told = []
    if said == "went-private" if before is None else private and not before.private:
        told.append(Spread(Kind.GROUP_WENT_PRIVATE, "members", cause, group))
    if vacancy is not None and not vacancy.offered and _news(status, said, before):
        details = {"closes_at": vacancy.closes_at.isoformat()}
        if status == "grace":
            details["freezes_at"] = vacancy.freezes_at.isoformat()
        else:
            cause = replace(cause, actor=None)  # a group freezes by itself, whoever's command came upon it
        told.append(Spread(Kind.GROUP_NEEDS_ORGANIZER, "members", cause, group, details=details))
    return told


def _news(status: str, said: str, before: GroupBefore | None) -> bool:
    """Whether the group has come to this point of its vacancy by this message."""
    if before is None:
        return said in ("organizer-left", "frozen")
    return status in ("grace", "frozen") and before.status != status
