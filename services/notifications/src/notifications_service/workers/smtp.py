"""Handing mails to a mail server over connections that stay open.

Three outcomes other than success, because they ask for three different things: refused (the server answered), silent
(it took nothing), uncertain (it may have taken the mail).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over. tls: `none`, `starttls` or `implicit`."""

    host: str
    port: int
    tls: str = "none"
    username: str | None = None
    password: str | None = field(default=None, repr=False)


class Refusal(Exception):
    """The server said no. code: its SMTP reply; its text may hold an address and is not kept."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Silence(Exception):
    """The server could not be reached, or went away before it was given the mail."""


class Uncertain(Exception):
    """The server went away, or answered neither yes nor no, when it had the mail: taken or not, nobody knows."""


class Sender:
    """At most `connections` open connections, each used for one mail after the other."""

    def __init__(self, server: MailServer, *, connections: int = 8) -> None:
        self._server = server
        self._idle: asyncio.LifoQueue[SMTP | None] = asyncio.LifoQueue()
        for _ in range(connections):
            self._idle.put_nowait(None)

    async def send(self, sender: str, recipient: str, mail: bytes) -> None:
        """Hand one mail over. Raises Refusal, Silence or Uncertain."""
        kept = await self._idle.get()
        good: SMTP | None = None
        try:
            connection = await self._greeted(kept, sender)
            try:
                await self._transact(connection, recipient, mail)
                good = connection
            finally:
                if good is None:
                    connection.close()
        finally:
            self._idle.put_nowait(good)

    async def close(self) -> None:
        """Say good-bye on every connection that is not in use."""
        while not self._idle.empty():
            connection = self._idle.get_nowait()
            if connection is not None:
                try:
                    await connection.quit(timeout=2)
                except (SMTPException, OSError):
                    connection.close()

    async def _greeted(self, kept: SMTP | None, sender: str) -> SMTP:
        """A connection on which the server has accepted the sender. One that died while idle is replaced."""
        if kept is not None:
            try:
                await kept.mail(sender)
            except (SMTPException, OSError):
                kept.close()
            else:
                return kept
        connection = self._new()
        try:
            await connection.connect()
        except (SMTPException, OSError) as error:
            connection.close()
            raise Silence(type(error).__name__) from None
        try:
            await _answered(lambda: connection.mail(sender))
        except Refusal as refusal:
            # the server has not heard of a recipient yet: it refuses us, and no mail is to be given up for that
            connection.close()
            raise Silence(f"refuses the sender: {refusal.code}") from None
        except BaseException:
            connection.close()
            raise
        return connection

    @staticmethod
    async def _transact(connection: SMTP, recipient: str, mail: bytes) -> None:
        await _answered(lambda: connection.rcpt(recipient))
        try:
            await connection.data(mail)
        except SMTPResponseException as error:
            if _went_away(error.code) or not 400 <= error.code < 600:
                raise Uncertain(str(error.code)) from None
            raise Refusal(error.code) from None
        except (SMTPException, OSError) as error:
            raise Uncertain(type(error).__name__) from None

    def _new(self) -> SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls == "implicit",
            start_tls=server.tls == "starttls",
            timeout=ANSWER_SECONDS,
        )


async def _answered(command: Callable[[], Awaitable[object]]) -> None:
    try:
        await command()
    except SMTPResponseException as error:
        if _went_away(error.code):
            raise Silence(str(error.code)) from None
        raise Refusal(error.code) from None
    except (SMTPException, OSError) as error:
        raise Silence(type(error).__name__) from None


def _went_away(code: int) -> bool:
    """421, or a reply that is none (negative), is the server going away, not an answer about this mail."""
    return code == 421 or code < 0
