"""The worker role as a part of a process."""

import asyncio

from notifications_service.workers.doorbell import Doorbell
from notifications_service.workers.mail import MailWorker
from notifications_service.workers.smtp import Sender
from notifications_service.workers.spread import SpreadWorker


class Workers:
    """Spreads and mails; stops when what is under way has been handed over and noted."""

    def __init__(
        self, *, mail: MailWorker, spread: SpreadWorker, doorbells: tuple[Doorbell, ...], sender: Sender
    ) -> None:
        self._mail = mail
        self._spread = spread
        self._doorbells = doorbells
        self._sender = sender
        self._working: list[asyncio.Task[None]] = []
        self._beside: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._working = [
            asyncio.create_task(self._mail.run(), name="mail worker"),
            asyncio.create_task(self._spread.run(), name="spread worker"),
        ]
        self._beside = [
            asyncio.create_task(self._mail.keep(), name="mail leases"),
            *(asyncio.create_task(doorbell.listen(), name="doorbell") for doorbell in self._doorbells),
        ]

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        return [*self._working, *self._beside]

    async def stop(self) -> None:
        """Claims that do not end in the time the process has run out and are taken up elsewhere."""
        self._mail.finish()
        self._spread.finish()
        try:
            await asyncio.gather(*self._working)
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            await self._sender.close()
