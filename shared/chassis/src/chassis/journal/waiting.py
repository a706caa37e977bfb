"""A caller of this process who waits for a command's answer."""

import asyncio
from dataclasses import dataclass

from chassis.journal.command import Command, is_repeat
from chassis.journal.decision import Result
from chassis.journal.outcome import Mismatch
from chassis.mongo import Document

QUEUE = 4_000
"""Commands of one process that may wait for one lane; beyond it a caller hears Busy."""


@dataclass(slots=True, eq=False)
class Waiting:
    """A command of this process and those who wait for its answer."""

    command: Command
    future: "asyncio.Future[Result]"
    until: float
    since: float

    def answer(self, document: Document) -> None:
        if self.future.done():
            return
        if is_repeat(document["fingerprint"], self.command.fingerprint):
            self.future.set_result(Result.of(document))
        else:
            self.future.set_exception(Mismatch())

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)
