"""The identity provider of the tests: the development issuer with a key of this session."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from joserfc.jwk import ECKey

from chassis.server import HttpServer
from convene.issuer.app import issuer_app
from convene.issuer.keys import ALGORITHM
from convene.issuer.tokens import LIFETIME_S, SCOPES, mint
from convene.parts.ports import LOOPBACK

ISSUER = "https://issuer.test"
KEY = ECKey.generate_key("P-256", {"alg": ALGORITHM, "use": "sig"}, auto_kid=True)


def token(member_id: str, *, scopes: Sequence[str] = SCOPES, lifetime_s: int = LIFETIME_S) -> str:
    """Good at every service that trusts `ISSUER`."""
    return mint(KEY, ISSUER, member_id, scopes=scopes, now=int(time.time()), lifetime_s=lifetime_s)


@asynccontextmanager
async def issuing() -> AsyncIterator[str]:
    """Where the issuer's keys are."""
    server = HttpServer(issuer_app(ISSUER, KEY), host=LOOPBACK, port=0)
    await server.start()
    try:
        yield f"http://{LOOPBACK}:{server.port}/jwks"
    finally:
        await server.stop()
