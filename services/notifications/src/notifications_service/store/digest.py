"""Digests: mails that wait for their hour and take up what happens until then, each thing in exactly one of them.

What is taken up is written in the transaction that writes its line, and only where that line is new.
"""

from collections.abc import Sequence
from datetime import datetime

from chassis.ids import derived_id
from chassis.mongo import Find, UpdateOne, Write
from notifications_service.domain.delivery import pace
from notifications_service.domain.digest import next_digest
from notifications_service.domain.notice import Kind, Notice
from notifications_service.store.notice import INBOX, MAILS, content_of, line_id, line_of, waiting_mail
from notifications_service.store.people import People
from notifications_service.store.projection import MEMBERS


async def tell_in_digest(notices: Sequence[Notice], people: People, now: datetime, trace: str | None) -> int:
    """Notices into inboxes at once and, for who has proved an address, into their next digest.

    people: of the transaction that this is part of. now: by the database's clock. trace: of who tells. Returns how many
    of them are told, or have been.
    """
    told, effects = await people.hearing(notices), people.effects
    if not told:
        return 0
    mailed = sorted({notice.recipient for notice in told} & people.by_mail)
    lines, members = await effects.read(
        Find(INBOX, {"_id": {"$in": sorted(line_id(notice) for notice in told)}}, fields={"_id": 1}),
        Find(MEMBERS, {"_id": {"$in": mailed}}, fields={"timezone": 1}),
    )
    before = {line["_id"] for line in lines}
    zones = {member["_id"]: member.get("timezone", "UTC") for member in members}
    for notice in told:
        if line_id(notice) in before:
            continue
        effects.insert_once(INBOX, line_of(notice))
        if notice.recipient in people.by_mail:
            due_at = next_digest(now, zones.get(notice.recipient, "UTC"))
            effects.write(MAILS, _taken_up(notice, due_at, trace))
    return len(told)


def _taken_up(notice: Notice, due_at: datetime, trace: str | None) -> Write:
    """One that has gone out, or is about to, takes nothing up: the write fails then, and with it its transaction."""
    member = notice.recipient
    kind = Kind.POST_DIGEST
    content = {"member_id": member, "kind": str(kind), "at": due_at}
    fresh = waiting_mail(content, pace=pace(kind), due_at=due_at, trace=trace)
    state = fresh.pop("state")
    item = {"line": line_id(notice), "member_id": member, **content_of(notice)}
    id_ = derived_id("digest", member, due_at.isoformat())
    return UpdateOne({"_id": id_, "state": state}, {"$setOnInsert": fresh, "$push": {"items": item}}, upsert=True)
