"""Who sent this request."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from chassis.auth import Caller
from chassis.http.incoming import Incoming
from chassis.http.problems import Problem, unauthenticated

if TYPE_CHECKING:
    from chassis.http.app import Api

SCHEME = "accessToken"
"""The scheme's name in OpenAPI."""
PERHAPS = "perhapsAccessToken"
"""Stands for it where a caller may be anonymous, until the description is complete."""


def _described(name: str) -> HTTPBearer:
    return HTTPBearer(auto_error=False, bearerFormat="at+jwt", scheme_name=name, description="An RFC 9068 access token")


_NEEDED, _MAY_BE = _described(SCHEME), _described(PERHAPS)


async def caller_of(request: Incoming) -> Caller | None:
    """The verified caller; None without an Authorization header. Raises InvalidToken or KeysUnavailable."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthenticated("The Authorization header must be: Bearer <access token>.")
    api: Api = request.app
    caller = await api.auth.verify(token.strip())
    api.note_seen(caller)
    return caller


async def signed_in(request: Incoming) -> Caller:
    """The verified caller. Raises Problem 401, InvalidToken or KeysUnavailable; for lean routes."""
    caller = await caller_of(request)
    if caller is None:
        raise unauthenticated("Send the access token as Authorization: Bearer.")
    return caller


async def _maybe(
    request: Request, described: Annotated[HTTPAuthorizationCredentials | None, Security(_MAY_BE)]
) -> Caller | None:
    return await caller_of(request)


async def _surely(
    request: Request, described: Annotated[HTTPAuthorizationCredentials | None, Security(_NEEDED)]
) -> Caller:
    return await signed_in(request)


Me = Annotated[Caller, Depends(_surely)]
"""The caller; 401 for anonymous ones."""
MaybeMe = Annotated[Caller | None, Depends(_maybe)]
"""The caller, or None."""


def needs(scope: str) -> Callable[[Caller], Awaitable[Caller]]:
    """A dependency: the caller, whose token must carry `scope`; else 403."""

    async def dependency(caller: Me) -> Caller:
        if scope not in caller.scopes:
            raise Problem(403, "insufficient-scope", "The token's scope does not cover this", f"It needs {scope}.")
        return caller

    return dependency
