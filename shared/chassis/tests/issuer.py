"""An issuer of access tokens for tests: real keys, real signatures, and a key set that can be down."""

import time
from typing import Any, ClassVar

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from chassis.auth import Authenticator
from chassis.jwks import Keys
from chassis.settings import ServiceSettings

ISSUER = "http://127.0.0.1:9/issuer"


class Settings(ServiceSettings):
    service: ClassVar[str] = "events"


def settings(**values: Any) -> Settings:
    return Settings(**{"mongo_url": "mongodb://127.0.0.1:9/events", "oidc_issuer": ISSUER, **values})


class Issuer:
    """`now` moves by hand; `fetched` counts what the cache asked for."""

    def __init__(self) -> None:
        self.keys: list[Key] = [self.make("ES256", "k1")]
        self.up = True
        self.fetched = 0
        self.monotonic = 1000.0
        self.cache = Keys(
            ISSUER, f"{ISSUER}/jwks", httpx2.AsyncClient(transport=httpx2.MockTransport(self._serve)), self._elapsed
        )

    @staticmethod
    def make(algorithm: str, kid: str) -> Key:
        match algorithm:
            case "ES256":
                return ECKey.generate_key("P-256", {"kid": kid})
            case "RS256":
                return RSAKey.generate_key(2048, {"kid": kid})
            case _:
                return OKPKey.generate_key("Ed25519", {"kid": kid})

    def _elapsed(self) -> float:
        return self.monotonic

    async def _serve(self, request: httpx2.Request) -> httpx2.Response:
        self.fetched += 1
        if not self.up:
            raise httpx2.ConnectError("down", request=request)
        return httpx2.Response(200, json={"keys": [key.as_dict(private=False) for key in self.keys]})

    def authenticator(self, audience: str = "events") -> Authenticator:
        return Authenticator(issuer=ISSUER, audience=audience, keys=self.cache)

    def token(
        self, sub: Any = "ada", *, algorithm: str = "ES256", key: Key | None = None, header: Any = None, **claims: Any
    ) -> str:
        """A good token but for what is given; a claim of None is left out."""
        key = key or self.keys[0]
        now = int(time.time())
        good = {"iss": ISSUER, "aud": ["groups", "events"], "sub": sub, "iat": now, "exp": now + 600, "scope": "a b"}
        body = {name: value for name, value in {**good, **claims}.items() if value is not None}
        top = {"alg": algorithm, "typ": "at+jwt", "kid": key.kid, **(header or {})}
        top = {name: value for name, value in top.items() if value is not None}
        return jwt.encode(top, body, key, algorithms=[algorithm], default_type=None)
