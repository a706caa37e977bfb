"""Digests: mails that wait for their hour and take up what happens until then, each thing in exactly one of them.

What is taken up is written in the transaction that writes its line, and only where that line is new.
"""

from collections.abc import Sequence
from datetime import datetime

from chassis.consumers import Effects
from chassis.ids import derived_id
from chassis.mongo import UpdateOne, Write
from notifications_service.domain.delivery import pace
from notifications_service.domain.digest import next_digest
from notifications_service.domain.notice import Kind, Notice
from notifications_service.store.notice import INBOX, MAILS, content_of, line_id, line_of, recipients_of, waiting_mail
from notifications_service.store.projection import MEMBERS


async def tell_in_digest(notices: Sequence[Notice], effects: Effects, now: datetime, trace: str | None) -> None:
    """Notices into inboxes at once and, for who has proved an address, into their next digest.

    now: by the database's clock. trace: of who tells.
    """
    recipients = await recipients_of(notices, effects)
    lines = sorted(line_id(notice) for notice in notices)
    told = {line["_id"] for line in await effects.find(INBOX, {"_id": {"$in": lines}}, fields={"_id": 1})}
    members = await effects.find(MEMBERS, {"_id": {"$in": sorted(recipients.by_mail)}}, fields={"timezone": 1})
    zones = {member["_id"]: member.get("timezone", "UTC") for member in members}
    for notice in notices:
        if notice.recipient in recipients.forgotten or line_id(notice) in told:
            continue
        effects.insert_once(INBOX, line_of(notice))
        if notice.recipient in recipients.by_mail:
            due_at = next_digest(now, zones.get(notice.recipient, "UTC"))
            effects.write(MAILS, _taken_up(notice, due_at, trace))


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
