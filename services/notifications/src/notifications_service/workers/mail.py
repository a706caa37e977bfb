"""The mail worker: claims what is due, writes each mail from what is known now, hands it over, notes the outcome."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from random import SystemRandom

import structlog
from prometheus_client import Counter, Histogram

from chassis.clock import utc_now
from chassis.crash import crash_point
from chassis.mongo import Database, Document, errors
from chassis.telemetry import SpanKind, span
from notifications_service.domain.delivery import (
    Again,
    Dropped,
    after_refusal,
    after_silence,
    unless_worthless,
    wait_for_subject,
)
from notifications_service.domain.notice import Kind
from notifications_service.handlers.contact import VERIFY
from notifications_service.store.mail import Mails
from notifications_service.store.people import ACCOUNTS
from notifications_service.views.subject import Known, known_about
from notifications_service.workers.doorbell import Doorbell
from notifications_service.workers.smtp import Refusal, Sender, Silence, Uncertain
from notifications_service.workers.writing import Writer

SWEEP_SECONDS = 1.0
RENEW_SECONDS = 3.0
NOTE_AGAIN_SECONDS = 0.5

MAILS = Counter("convene_mails_total", "Mails by what came of them", ["kind", "outcome"])
REPEATS = Counter("convene_mails_repeated_total", "Mails sent again because an earlier sending may have got through")
DELAY = Histogram(
    "convene_mail_delay_seconds",
    "From what happened to the mail handed over",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)

_log = structlog.get_logger(__name__)
_random = SystemRandom()


class MailWorker:
    """A part of a process. at_once: mails under way together; more connections than that are of no use."""

    def __init__(
        self,
        database: Database,
        mails: Mails,
        sender: Sender,
        writer: Writer,
        doorbell: Doorbell,
        *,
        at_once: int = 16,
    ) -> None:
        self._database = database
        self._mails = mails
        self._sender = sender
        self._writer = writer
        self._doorbell = doorbell
        self._at_once = at_once
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    async def run(self) -> None:
        """Send until `finish` is called; then only what has been claimed."""
        while not self._stopping:
            try:
                if not await self._take():
                    await self._doorbell.wait(SWEEP_SECONDS)
            except errors.PyMongoError as error:
                _log.warning("the mail queue cannot be read", error=type(error).__name__)
                await asyncio.sleep(SWEEP_SECONDS)
        if self._flying:
            await asyncio.wait(self._flying.values())

    async def keep(self) -> None:
        """Renew the leases of what is under way, for ever."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            if self._flying:
                try:
                    await self._mails.keep(self._flying.keys())
                except errors.PyMongoError as error:
                    _log.warning("leases could not be renewed", error=type(error).__name__)

    def finish(self) -> None:
        self._stopping = True
        self._doorbell.ring()

    async def _take(self) -> bool:
        """Start what fits; whether there may be more."""
        room = self._at_once - len(self._flying)
        if room < self._at_once // 2:
            await asyncio.wait(self._flying.values(), return_when=asyncio.FIRST_COMPLETED)
            return True
        now, claimed = await self._mails.claim(room, self._flying.keys())
        if not claimed:
            return False
        known = await known_about(self._database, claimed)
        accounts = await self._database[ACCOUNTS].find({"_id": {"$in": [mail["member_id"] for mail in claimed]}})
        by_member = {account["_id"]: account for account in accounts}
        for mail in claimed:
            task = asyncio.create_task(self._deliver(mail, known, by_member, now), name=f"mail {mail['_id']}")
            self._flying[mail["_id"]] = task
            task.add_done_callback(partial(self._landed, mail["_id"]))
        return True

    def _landed(self, id_: str, task: asyncio.Task[None]) -> None:
        self._flying.pop(id_, None)
        if not task.cancelled() and task.exception() is not None:
            # a defect: the claim runs out and the mail is taken up again
            _log.error("a delivery failed", delivery=id_, exc_info=task.exception())

    async def _deliver(self, mail: Document, known: Known, accounts: Mapping[str, Document], now: datetime) -> None:
        with span(
            "mail.send", mail["trace"], kind=SpanKind.PRODUCER, kind_of_notice=mail["kind"], delivery=mail["_id"]
        ):
            try:
                await self._decide(mail, known, accounts, now)
            except errors.PyMongoError as error:
                # only when stopping: the claim runs out and the mail is taken up again
                _log.warning("a delivery was not noted", delivery=mail["_id"], error=type(error).__name__)

    async def _decide(self, mail: Document, known: Known, accounts: Mapping[str, Document], now: datetime) -> None:
        if mail["kind"] != VERIFY:
            mail, worthless = _still_worth(mail, known, now)
            if worthless is not None:
                await self._drop(mail, worthless)
                return
            waited = now - mail.get("waiting_since", now)
            pause = None if known.complete(mail) else wait_for_subject(waited)
            if pause is not None:
                await self._note(partial(self._mails.wait, mail["_id"], pause))
                return
        recipient = self._writer.recipient(mail, accounts.get(mail["member_id"]))
        if recipient is None:
            await self._drop(mail, Dropped("unverified"))
            return
        await self._hand_over(mail, recipient, self._writer.write(mail, recipient, known))

    async def _hand_over(self, mail: Document, recipient: str, written: bytes) -> None:
        if mail["repeats"]:
            REPEATS.inc()
        jitter = _random.random()
        try:
            await self._sender.send(self._writer.sender.addr_spec, recipient, written)
        except Refusal as refusal:
            next_step = after_refusal(refusal.code, mail["attempts"] + 1, jitter)
            _log.info("mail refused", delivery=mail["_id"], code=refusal.code, attempt=mail["attempts"] + 1)
            if isinstance(next_step, Again):
                await self._again(mail, next_step.after, attempted=True, failures=0, uncertain=False)
            else:
                await self._drop(mail, next_step)
        except (Silence, Uncertain) as silence:
            uncertain = isinstance(silence, Uncertain)
            failures = mail["failures"] + 1
            pause = after_silence(failures, jitter)
            _log.warning("the mail server is silent", delivery=mail["_id"], error=str(silence), uncertain=uncertain)
            await self._again(mail, pause, attempted=False, failures=failures, uncertain=uncertain)
        else:
            crash_point("mail.after-send")
            await self._note(partial(self._mails.sent, mail["_id"]))
            MAILS.labels(mail["kind"], "sent").inc()
            DELAY.observe(max(0.0, (utc_now() - mail["at"]).total_seconds()))

    async def _again(
        self, mail: Document, after: timedelta, *, attempted: bool, failures: int, uncertain: bool
    ) -> None:
        again = partial(self._mails.again, mail["_id"], after)
        await self._note(partial(again, attempted=attempted, failures=failures, uncertain=uncertain))
        MAILS.labels(mail["kind"], "put off").inc()

    async def _drop(self, mail: Document, dropped: Dropped) -> None:
        await self._note(partial(self._mails.drop, mail["_id"], dropped.why))
        MAILS.labels(mail["kind"], dropped.why).inc()

    async def _note(self, outcome: Callable[[], Awaitable[None]]) -> None:
        """Write down what came of a mail, however long that takes: forgotten, a sent one would be sent again.

        Raises PyMongoError when stopping, after one more try. Noting again what was noted changes nothing, as the
        claim is gone, and this worker claims nothing that is under way here.
        """
        failed = False
        while True:
            last = self._stopping
            try:
                await outcome()
            except errors.PyMongoError as error:
                if last:
                    raise
                if not failed:
                    _log.warning("a delivery cannot be noted yet", error=type(error).__name__)
                failed = True
                await asyncio.sleep(NOTE_AGAIN_SECONDS)
            else:
                return


def _still_worth(mail: Document, known: Known, now: datetime) -> tuple[Document, Dropped | None]:
    """The mail, a digest with what of it is still true; and why it is not sent any more, if so."""
    items = [(item, _worthless(item, known, now)) for item in mail.get("items", ())]
    left = [item for item, worthless in items if worthless is None]
    if items and not left:
        return mail, items[-1][1]
    return (mail if not items else {**mail, "items": left}), _worthless(mail, known, now)


def _worthless(notice: Document, known: Known, now: datetime) -> Dropped | None:
    as_is = known.circumstances(notice)
    return unless_worthless(Kind(notice["kind"]), happened_at=notice["at"], now=now, as_is=as_is)
