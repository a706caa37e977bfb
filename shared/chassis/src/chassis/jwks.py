"""The issuer's public keys, kept at hand: fetched rarely, one fetch at a time, and still there while it is down."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx2
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from chassis import clock

KEEP = 300.0
"""Seconds until the keys are fetched again."""
COOLDOWN = 30.0
"""Seconds between two fetches on account of an unknown key or a failure, so that bad tokens cannot flood the issuer."""
_TIMEOUT = 5.0
_MAX_BYTES = 256 * 1024

_log = structlog.get_logger(__name__)


class KeysUnavailable(Exception):
    """No key was ever fetched: whether a token is good cannot be said."""


class Keys:
    """A cache of one issuer's JWKS.

    url: the key set; without one it is read from the issuer's discovery document.
    generation: grows whenever the set of keys changes.
    """

    def __init__(
        self,
        issuer: str,
        url: str | None = None,
        client: httpx2.AsyncClient | None = None,
        now: Callable[[], float] = clock.monotonic,
    ) -> None:
        self._issuer = issuer
        self._now = now
        self._url = url
        self._client = client or httpx2.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
        self._keys: dict[str, Key] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._fetching: asyncio.Task[None] | None = None
        self.generation = 0

    async def close(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
        await self._client.aclose()

    async def find(self, kid: str | None) -> Key | None:
        """The key of that id; without an id the only key there is. Raises KeysUnavailable."""
        self.refresh_when_old()
        key = self._pick(kid)
        if key is None and self._may_try():
            await asyncio.shield(self._fetch())
            key = self._pick(kid)
        elif key is None and self._fetching is not None:
            await asyncio.shield(self._fetching)
            key = self._pick(kid)
        if self._fetched is None:
            raise KeysUnavailable(f"the keys of {self._issuer} cannot be fetched")
        return key

    def refresh_when_old(self) -> None:
        """Start a fetch in the background when the keys are past their time; what is there stays good meanwhile."""
        if self._fetched is not None and self._now() - self._fetched > KEEP and self._may_try():
            self._fetch()

    def _pick(self, kid: str | None) -> Key | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _may_try(self) -> bool:
        if self._fetching is not None:
            return False
        return self._tried is None or self._now() - self._tried > COOLDOWN

    def _fetch(self) -> asyncio.Task[None]:
        self._tried = self._now()
        self._fetching = asyncio.create_task(self._refresh(), name="jwks")
        return self._fetching

    async def _refresh(self) -> None:
        try:
            found = {str(key.kid): key for key in KeySet.import_key_set(await self._get(await self._key_set_url()))}
        except (httpx2.HTTPError, httpx2.InvalidURL, JoseError, ValueError, KeyError, TypeError) as error:
            _log.warning("the issuer's keys could not be fetched", issuer=self._issuer, error=type(error).__name__)
            if self._fetched is None:
                self._tried = None  # with no key at all every caller waits: ask again at the next one
            return
        finally:
            self._fetching = None
        if {kid: key.thumbprint() for kid, key in found.items()} != {
            kid: key.thumbprint() for kid, key in self._keys.items()
        }:
            self.generation += 1
        self._keys = found
        self._fetched = self._now()

    async def _key_set_url(self) -> str:
        if self._url is None:
            discovered = await self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            if discovered["issuer"] != self._issuer:
                raise ValueError("the discovery document is another issuer's")
            self._url = str(discovered["jwks_uri"])
            if urlsplit(self._url).scheme not in {"http", "https"}:
                raise ValueError("jwks_uri is not a web address")
        return self._url

    async def _get(self, url: str) -> Any:
        response = await self._client.get(url, headers={"accept": "application/json"})
        response.raise_for_status()
        if len(response.content) > _MAX_BYTES:
            raise ValueError("the answer is too long")
        return response.json()
