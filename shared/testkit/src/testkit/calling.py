"""Who calls a service of the tests."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from httpx2 import AsyncClient, Response

from convene.issuer.tokens import SCOPES
from testkit.issuer import token
from testkit.waiting import eventually

UNKNOWN = "/outcome-unknown"
"""How the `type` of the answer ends that asks for the same request again: a busy machine took too long to decide it."""

NOT_REACHED = "/position-not-reached"
"""How the `type` of the answer ends when a busy machine did not get there within what a caller waits."""


@dataclass
class Person:
    """Somebody who calls the API; anonymous without an id. scopes: of their tokens."""

    client: AsyncClient
    id: str | None = None
    scopes: Sequence[str] = SCOPES

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """The answer, once it is known. path: below /v1. headers: by their names, with _ for -.

        Every wish has an Idempotency-Key, and is sent again under it while its outcome is unknown.
        """
        sent = {} if self.id is None else {"authorization": f"Bearer {token(self.id, scopes=self.scopes)}"}
        if method not in {"GET", "HEAD"}:
            sent["idempotency-key"] = secrets.token_hex(8)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}

        async def known() -> Response:
            answer = await self.client.request(method, f"/v1{path}", json=body, headers=sent)
            if answer.status_code == 503 and str(answer.json()["type"]).endswith(UNKNOWN):
                raise AssertionError(answer.text)
            return answer

        return await eventually(known, within=60, every=1)

    async def get_at(self, position: str, path: str) -> Response:
        """The answer to a GET that builds on this position, asked for again until it is reached."""

        async def reached() -> Response:
            answer = await self("GET", path, x_convene_position=position)
            if answer.status_code == 503 and str(answer.json()["type"]).endswith(NOT_REACHED):
                raise AssertionError(answer.text)
            return answer

        return await eventually(reached, within=60)
