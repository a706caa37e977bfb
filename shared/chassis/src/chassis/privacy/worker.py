"""Doing what cases ask for, beside the journal: gathering and sealing, or letting go until nothing is left."""

import asyncio
from collections.abc import Iterator, Sequence

import structlog
from pydantic_core import to_json

from chassis.ids import random_id
from chassis.journal.handoff import hand_over
from chassis.journal.keyring import forget
from chassis.mongo import Database, Document, errors
from chassis.one_task import OneTask
from chassis.privacy.case import CASES, Case, answer_command, case_of, send_command
from chassis.privacy.holdings import Holdings
from chassis.sealing import Sealer

EVERY_SECONDS = 2.0
AT_ONCE = 50
MOST_BYTES = 150_000
"""Of a chunk before it is sealed, which makes a third more of it; a message takes 240,000. One document alone may be
larger."""

_log = structlog.get_logger(__name__)


def parts(documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
    """The documents in order, in parts of at most MOST_BYTES as JSON; an empty portion is one part."""
    part: list[Document] = []
    size = 0
    for document in documents:
        bytes_ = len(to_json(document))
        if part and size + bytes_ > MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(document)
        size += bytes_
    yield part


def export_sealer(keys: list[str], request_id: str) -> Sealer:
    """Each export has a key of its own, derived from the platform's (HKDF); it is on no topic."""
    return Sealer(keys, f"export {request_id}")


class PrivacyWorker(OneTask):
    """A part of a process; any number may run: an answer is decided once, and what is gone stays gone.

    export_keys: the platform's, newest first; none = exports wait until they are set.
    """

    def __init__(self, database: Database, holdings: Holdings, export_keys: list[str]) -> None:
        super().__init__("privacy")
        self._database = database
        self._holdings = holdings
        self._keys = export_keys
        self._waiting = 0

    async def progress(self) -> dict[str, float]:
        """How many cases the last look found open."""
        return {"open": float(self._waiting)}

    async def look(self) -> None:
        """Work on every open case once. Raises the driver's errors."""
        after, self._waiting = "", 0
        while found := await self._database[CASES].find(
            {"stage": "open", "_id": {"$gt": after}}, sort=[("_id", 1)], limit=AT_ONCE
        ):
            self._waiting, after = self._waiting + len(found), found[-1]["_id"]
            for document in found:
                await self._work_on(document)

    async def _work_on(self, document: Document) -> None:
        """One that cannot be worked on is tried again with the next look, and stops no other."""
        try:
            case = case_of(document)
            await (self._export(case) if case.kind == "export" else self._erase(case))
        except errors.PyMongoError:
            raise
        except Exception:  # noqa: BLE001 - one case must not stop the others for ever
            _log.exception("a privacy request could not be worked on", case=document["_id"])

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except errors.PyMongoError as error:
                _log.warning("privacy requests are worked on later", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    async def _export(self, case: Case) -> None:
        """A portion is a chunk or more, as large as messages may be. A worker that dies meanwhile leaves chunks of an
        attempt that no answer names."""
        if not self._keys:
            _log.warning("an export waits: EXPORT_KEY is not set", request=case.id)
            return
        sealer, attempt, number = export_sealer(self._keys, case.id), random_id(), 0
        async for name, documents in self._holdings.gather(self._database, case.member_id):
            for part in parts(documents):
                text = to_json({"name": name, "documents": part}).decode()
                sealed = sealer.seal(text, f"{attempt} {number}")
                await hand_over(self._database, [send_command(case, attempt, number, sealed)])
                number += 1
        await hand_over(self._database, [answer_command(case, attempt, number)])

    async def _erase(self, case: Case) -> None:
        """The key goes last: until then what is still to be published of the member can be read by the relay."""
        if await self._holdings.erase(self._database, case.member_id):
            await forget(self._database, case.member_id)
            await hand_over(self._database, [answer_command(case)])
