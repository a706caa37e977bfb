"""Notices of one batch, into inboxes and, for who has proved an address, into the queue of mails."""

from collections.abc import Sequence

from chassis.consumers import Effects
from notifications_service.domain.notice import Notice
from notifications_service.store.notice import ACCOUNTS, INBOX, MAILS, line_write, mail_write, reachable_among


async def tell(notices: Sequence[Notice], effects: Effects) -> None:
    """Once each, however often the batch is read."""
    if not notices:
        return
    reachable = await effects.find(ACCOUNTS, reachable_among(notice.recipient for notice in notices), fields={"_id": 1})
    by_mail = {account["_id"] for account in reachable}
    effects.write(INBOX, *(line_write(notice) for notice in notices))
    effects.write(MAILS, *(mail_write(notice, None) for notice in notices if notice.recipient in by_mail))
