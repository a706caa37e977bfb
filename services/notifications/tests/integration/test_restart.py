"""kill -9 in the middle: every line once, every mail at least once, repeats under the same id and counted."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from functools import partial

from chassis.clock import utc_now
from chassis.mongo import InsertOne, connect
from convene.mail.box import Box
from convene.mail.smtp import listen
from notifications_service.settings import Settings
from testkit import KafkaServer, MongoServer, eventually

from .community import event, group, rsvp
from .conftest import prepared, publishing

PEOPLE = 600


@asynccontextmanager
async def process(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """All roles in a process of their own; killed at the end if it has not been."""
    own = {
        "CONVENE_ENV": "test",
        "MONGO_URL": settings.mongo_url.get_secret_value(),
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "TOPIC_PREFIX": settings.topic_prefix,
        "OIDC_ISSUER": settings.oidc_issuer or "",
        "OIDC_JWKS_URL": settings.oidc_jwks_url or "",
        "HTTP_PORT": "0",
        "SMTP_URL": settings.smtp_url.get_secret_value(),
        "CONTACT_KEY": settings.contact_key.get_secret_value(),
    }
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "notifications_service",
        env={**os.environ, **own},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.send_signal(signal.SIGKILL)
        await running.wait()


def _holds(box: Box, least: int) -> bool:
    return box.total >= least


async def test_killed_in_the_middle_nothing_is_lost_and_nothing_doubled_but_counted_mails(
    mongo_server: MongoServer, kafka_server: KafkaServer, issuer: str
) -> None:
    box = Box()
    smtp = await listen(box, "127.0.0.1", 0)
    port = smtp.sockets[0].getsockname()[1]
    async with smtp, prepared(mongo_server, kafka_server, issuer, port) as settings, publishing(settings) as publish:
        database = connect(settings.mongo_url.get_secret_value())
        addresses, now = settings.sealer("address"), utc_now()
        members = [f"member-{number}" for number in range(PEOPLE)]
        await database["accounts"].write(
            [
                InsertOne(
                    {
                        "_id": member,
                        "v": 1,
                        "seen": True,
                        "address": {
                            "sealed": addresses.seal(f"{member}@example.org", about=member),
                            "given_at": now,
                            "round": 1,
                            "verified_at": now,
                        },
                    }
                )
                for member in members
            ]
        )
        await publish("group.created", group("moms", "olga"), subject="moms")
        await publish("event.published", event("park", "moms", "olga"), subject="park")
        for number, member in enumerate(members, start=1):
            body = rsvp("park", "moms", member, number, "yes")
            await publish("rsvp.confirmed", body, subject="park", actor=member)
        for least in (20, PEOPLE // 2):
            async with process(settings) as running:
                await eventually(partial(_holds, box, least), within=90)
                running.send_signal(signal.SIGKILL)
        async with process(settings):

            async def done() -> bool:
                return await database["mails"].count({"state": "sent"}) == PEOPLE

            await eventually(done, within=90)
        lines = await database["inbox"].find({})
        assert Counter(line["member_id"] for line in lines) == Counter(members)
        counted = {mail["_id"]: mail["repeats"] for mail in await database["mails"].find({})}
        database.close()
    arrived = Counter(mail.recipients[0] for mail in box.newest(limit=10_000))
    assert arrived.keys() == {f"{member}@example.org" for member in members}
    ids = Counter(message_from_bytes(mail.raw)["Message-ID"] for mail in box.newest(limit=10_000))
    assert len(ids) == PEOPLE
    for message_id, times in ids.items():
        assert times - 1 <= counted[message_id.strip("<>").partition("@")[0]]
