"""Who calls a service of the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from httpx2 import AsyncClient, Response

from convene.issuer.tokens import SCOPES
from testkit.issuer import token


@dataclass
class Person:
    """Somebody who calls the API; anonymous without an id. scopes: of their tokens."""

    client: AsyncClient
    id: str | None = None
    scopes: Sequence[str] = SCOPES

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """path: below /v1. headers: by their names, with _ for -."""
        mine = {} if self.id is None else {"authorization": f"Bearer {token(self.id, scopes=self.scopes)}"}
        sent = {**mine, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.client.request(method, f"/v1{path}", json=body, headers=sent)
