"""Outcomes of handing a mail over, by the bytes a mail server answers with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from notifications_service.workers.smtp import MailServer, Refusal, Sender, Silence, Uncertain

CUT = b""
"""The script's word for a server that hangs up instead of answering."""


@asynccontextmanager
async def answering(**answers: bytes) -> AsyncIterator[int]:
    """A mail server that answers the named step so, everything else well; its port. taken: after the whole mail."""
    well = {"ehlo": b"250 hi\r\n", "mail": b"250 ok\r\n", "rcpt": b"250 ok\r\n", "data": b"354 go on\r\n"}
    said = {**well, "taken": b"250 taken\r\n", "quit": b"221 bye\r\n", **answers}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            step = line[:4].decode().lower()
            if step == "data" and said["data"].startswith(b"354"):
                writer.write(said["data"])
                await reader.readuntil(b"\r\n.\r\n")
                step = "taken"
            if said[step] == CUT:
                break
            writer.write(said[step])
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def outcome(**answers: bytes) -> type[Exception] | int | None:
    """None when the mail was taken, the code of a refusal, else what was raised."""
    async with answering(**answers) as port:
        sender = Sender(MailServer("127.0.0.1", port), connections=1)
        try:
            await sender.send("us@example.org", "you@example.org", b"Subject: hi\r\n\r\nhi\r\n")
        except Refusal as refusal:
            return refusal.code
        except (Silence, Uncertain) as other:
            return type(other)
        finally:
            await sender.close()
    return None


@pytest.mark.parametrize(
    "answer", [CUT, b"421 going down\r\n", b"what?\r\n", b"299 hm\r\n"], ids=["cut", "421", "garbled", "unheard of"]
)
async def test_a_server_that_has_the_mail_and_says_neither_yes_nor_no_may_have_taken_it(answer: bytes) -> None:
    assert await outcome(taken=answer) is Uncertain


@pytest.mark.parametrize("answer", [CUT, b"421 going down\r\n", b"what?\r\n"], ids=["cut", "421", "garbled"])
async def test_a_server_that_goes_away_before_it_has_the_mail_has_taken_nothing(answer: bytes) -> None:
    assert await outcome(rcpt=answer) is Silence


async def test_a_clear_answer_is_taken_at_its_word() -> None:
    assert await outcome() is None
    assert await outcome(taken=b"451 later\r\n") == 451
    assert await outcome(taken=b"550 no\r\n") == 550
    assert await outcome(rcpt=b"550 no such person\r\n") == 550
