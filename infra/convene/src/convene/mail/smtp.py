"""The SMTP side."""

import asyncio
from datetime import UTC, datetime
from time import time

from aiosmtpd.smtp import SMTP, Envelope, Session

from convene.mail.box import Box

LARGEST = 5_000_000


class Catch:
    """Takes every mail for everybody."""

    def __init__(self, box: Box) -> None:
        self._box = box

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail and say so."""
        at = datetime.fromtimestamp(time(), UTC)
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        mail = self._box.add(at, envelope.mail_from or "", tuple(envelope.rcpt_tos), raw)
        return f"250 kept as {mail.number}"


async def listen(box: Box, host: str, port: int) -> asyncio.Server:
    """Serve SMTP until the server is closed. Raises OSError when the port is taken."""
    handler = Catch(box)
    return await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="convene.localhost"), host, port
    )
