"""What is outside the platform: the identity provider and the mail server. ``python -m convene.outside`` runs both."""

import asyncio
import os
import socket
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from convene.issuer.app import issuer_app
from convene.issuer.keys import signing_key
from convene.mail.app import mail_app
from convene.mail.box import Box
from convene.mail.smtp import listen
from convene.parts.ports import LOOPBACK


def by_port(apps: dict[int, ASGIApp]) -> ASGIApp:
    """One ASGI app that is another one on each port."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["server"][1]](scope, receive, send)

    return app


async def serve(*, issuer_port: int, mail_port: int, smtp_port: int, key_file: Path, audiences: Sequence[str]) -> None:
    """Serve on loopback until SIGTERM or SIGINT."""
    box = Box()
    issuer = f"http://{LOOPBACK}:{issuer_port}"
    app = by_port({issuer_port: issuer_app(issuer, signing_key(key_file), audiences), mail_port: mail_app(box)})
    smtp = await listen(box, LOOPBACK, smtp_port)
    config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    sockets = [socket.create_server((LOOPBACK, port), backlog=512) for port in (issuer_port, mail_port)]
    async with smtp:
        await uvicorn.Server(config).serve(sockets=sockets)


def main() -> None:
    """Ports, the key's file and whom tokens are for come from the environment."""
    environ = os.environ
    asyncio.run(
        serve(
            issuer_port=int(environ["ISSUER_PORT"]),
            mail_port=int(environ["MAIL_PORT"]),
            smtp_port=int(environ["SMTP_PORT"]),
            key_file=Path(environ["ISSUER_KEY"]),
            audiences=environ["ISSUER_AUDIENCES"].split(","),
        )
    )


if __name__ == "__main__":
    main()
