"""A mail server that misbehaves as told, and a queue of mails to hand over to it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from pymongo import AsyncMongoClient

from chassis.clock import utc_now
from chassis.mongo import Database, InsertOne
from notifications_service.domain.notice import Cause, Kind, Notice
from notifications_service.settings import Settings
from notifications_service.store.notice import line_id, mail_id, mail_of
from testkit import MongoServer

from .conftest import fresh

GOOD = "250 taken"
GONE = "gone"
"""The script's word for a server that goes away after it has read the mail."""
HELD = "held: "
"""Begins an answer that the server keeps to itself until it is free."""


@dataclass
class Fickle:
    """A mail server that answers DATA as its script says, and 250 when the script is over."""

    script: list[str] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    read: list[bytes] = field(default_factory=list)
    welcome: bool = True
    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 go on" if self.welcome else "530 who are you"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self.read.append(envelope.content)
        answer = self.script.pop(0) if self.script else GOOD
        if answer.startswith(HELD):
            await self.free.wait()
            answer = answer.removeprefix(HELD)
        if answer == GONE:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if answer == GOOD:
            self.taken.append((envelope.rcpt_tos[0], envelope.content))
        return answer if answer != GONE else GOOD

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncIterator[int]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, hostname="fickle.test"), "127.0.0.1", port)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()


@dataclass
class Post:
    """A database with a queue, and the settings of workers on it."""

    settings: Settings
    database: Database
    port: int

    async def member(self, *, verified: bool = True) -> str:
        member = fresh("member")
        sealed = self.settings.sealer("address").seal(f"{member}@example.org", about=member)
        now = utc_now()
        address = {"sealed": sealed, "given_at": now, "round": 1, "verified_at": now if verified else None}
        account = {"_id": member, "v": 1, "seen": True, "address": address, "contact": {"version": 1}}
        await self.database["accounts"].insert_one(account)
        return member

    async def queue(
        self,
        members: Sequence[str],
        kind: Kind = Kind.RSVP_CONFIRMED,
        at: datetime | None = None,
        post_id: str | None = None,
    ) -> str:
        """One mail to each about a known event, and a post perhaps; the last delivery's id."""
        cause = Cause("events.rsvp.v1", secrets.token_hex(8), 1, at or utc_now())
        notices = [Notice(kind, member, cause, "moms", "park", post_id=post_id) for member in members]
        await self.database["mails"].write([InsertOne(mail_of(notice, None)) for notice in notices])
        return mail_id(line_id(notices[-1]))

    async def state(self, id_: str) -> dict[str, Any]:
        found = await self.database["mails"].find_one({"_id": id_})
        assert found is not None
        return found

    @asynccontextmanager
    async def unwritable(self, server: MongoServer, mode: str | dict[str, int]) -> AsyncIterator[None]:
        """mongod hangs up on whoever updates the queue, always or so many times."""
        async with AsyncMongoClient[dict[str, Any]](server.root_url) as root:
            point = {"failCommands": ["update"], "namespace": f"{self.database.name}.mails", "closeConnection": True}
            await root.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": point})
            try:
                yield
            finally:
                await root.admin.command({"configureFailPoint": "failCommand", "mode": "off"})

    async def known(self, *, status: str = "published") -> None:
        event = {"title": "Tea", "starts_at_utc": utc_now(), "timezone": "UTC", "where": "", "status": status}
        await self.database["events"].update_one({"_id": "park"}, {"$set": event}, upsert=True)
        await self.database["groups"].update_one(
            {"_id": "moms"}, {"$set": {"name": "Moms", "urlname": "moms"}}, upsert=True
        )
