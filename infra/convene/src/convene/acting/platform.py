"""A running platform from outside: its addresses, tokens for whoever acts, and calls that must succeed."""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
from joserfc.jwk import ECKey

from convene.issuer.keys import signing_key
from convene.issuer.tokens import mint
from convene.parts.ports import LOOPBACK
from convene.parts.trouble import Unavailable
from convene.stack.environment import issuer_url
from convene.stack.plan import SERVICES, Plan, plan
from convene.stack.state import LOCAL, read_state

Json = dict[str, Any]
TRIES = 6
POSITIONS = 16


class Unexpected(AssertionError):
    """The platform answered something that the story does not have."""


@dataclass(slots=True)
class Platform:
    """Addresses by service (`groups`, `events`, `notifications`, `stream`, `mail`).

    local: the folder it runs from; audiences: whom tokens are meant for.
    """

    http: httpx2.AsyncClient
    key: ECKey
    issuer: str
    addresses: dict[str, str]
    local: Path = LOCAL
    audiences: tuple[str, ...] = SERVICES

    def person(self, member_id: str) -> "Person":
        """Somebody to act as, with a token of their own."""
        token = mint(self.key, self.issuer, member_id, audiences=self.audiences, now=int(time.time()))
        return Person(self, member_id, token)

    async def mails(self, to: str) -> list[Json]:
        """What the mail catcher holds for an address, newest first."""
        found = await self.http.get(f"{self.addresses['mail']}/api/messages?to={quote(to)}&limit=500")
        mails: list[Json] = found.json()["messages"]
        return mails

    async def anonymous(self, service: str, path: str) -> Json:
        found = await self.http.get(f"{self.addresses[service]}{path}")
        if found.status_code != 200:
            raise Unexpected(f"GET {path}: {found.status_code} {found.text[:300]}")
        answer: Json = found.json()
        return answer


@dataclass(slots=True)
class Person:
    """Remembers the positions of what they changed, so that what they read next already shows it."""

    platform: Platform
    member_id: str
    token: str
    positions: dict[str, str] = field(default_factory=dict)

    async def get(self, service: str, path: str) -> Json:
        return await self.call("GET", service, path)

    async def put(self, service: str, path: str, body: Json | None = None, **more: Any) -> Json:
        return await self.call("PUT", service, path, body, **more)

    async def post(self, service: str, path: str, body: Json | None = None, **more: Any) -> Json:
        return await self.call("POST", service, path, body, **more)

    async def call(
        self,
        method: str,
        service: str,
        path: str,
        body: Json | None = None,
        *,
        key: str | None = None,
        if_match: int | None = None,
        expect: tuple[int, ...] = (200, 201, 202, 204),
    ) -> Json:
        """One request, repeated while the answer is "not now". Raises Unexpected."""
        headers = {"authorization": f"Bearer {self.token}"}
        if key is not None:
            headers["idempotency-key"] = key
        if if_match is not None:
            headers["if-match"] = f'"{if_match}"'
        if self.positions:
            headers["x-convene-position"] = ",".join(f"{where}@{n}" for where, n in self.positions.items())
        for attempt in range(TRIES):
            answer = await self._send(method, f"{self.platform.addresses[service]}{path}", body, headers, attempt)
            if answer is not None and answer.status_code != 503:
                break
            await asyncio.sleep(0.2 * 2**attempt)
        if answer is None or answer.status_code not in expect:
            what = "no answer" if answer is None else f"{answer.status_code} {answer.text[:300]}"
            raise Unexpected(f"{self.member_id}: {method} {path}: {what}")
        self._remember(answer.headers.get("x-convene-position", ""))
        found: Json = answer.json() if answer.content else {}
        return {**found, "status_code": answer.status_code}

    async def _send(
        self, method: str, url: str, body: Json | None, headers: dict[str, str], attempt: int
    ) -> httpx2.Response | None:
        try:
            return await self.platform.http.request(method, url, json=body, headers=headers)
        except httpx2.TransportError:
            if attempt == TRIES - 1:
                raise
            return None

    def _remember(self, header: str) -> None:
        for item in filter(None, (part.strip() for part in header.split(","))):
            where, _, sequence = item.rpartition("@")
            self.positions.pop(where, None)
            self.positions[where] = sequence
        while len(self.positions) > POSITIONS:
            self.positions.pop(next(iter(self.positions)))


def addresses(planned: Plan) -> dict[str, str]:
    """Where each service of the local platform answers."""
    names = {
        "groups": "GROUPS_PORT",
        "events": "EVENTS_PORT",
        "notifications": "NOTIFICATIONS_PORT",
        "stream": "STREAM_PORT",
        "mail": "MAIL_PORT",
    }
    return {name: f"http://{LOOPBACK}:{planned.ports[port]}" for name, port in names.items()}


def reach(local: Path, http: httpx2.AsyncClient, environ: Mapping[str, str] = os.environ) -> Platform:
    """The platform that runs from this folder; `environ` says its ports. Raises Unavailable."""
    if read_state(local) is None:
        raise Unavailable("Nothing is running here; start the platform with `make run`.")
    planned = plan(environ)
    key = signing_key(local / "issuer.json")
    return Platform(http, key, issuer_url(planned), addresses(planned), local, planned.audiences)


def client(connections: int = 64) -> httpx2.AsyncClient:
    """For many requests at once; no proxy of the environment stands between us and this machine."""
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx2.AsyncClient(limits=limits, timeout=httpx2.Timeout(30.0), trust_env=False)
