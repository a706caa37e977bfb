"""Who sent this request."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request
from starlette.types import Scope

from chassis.auth import Authenticator, Caller, InvalidToken
from chassis.http.incoming import Incoming
from chassis.http.problems import Problem, unauthenticated
from chassis.jwks import KeysUnavailable

if TYPE_CHECKING:
    from chassis.http.app import Api

SCHEME = "accessToken"
"""The scheme's name in OpenAPI."""
PERHAPS = "perhapsAccessToken"
"""Stands for it where a caller may be anonymous, until the description is complete."""


def _described(name: str) -> HTTPBearer:
    return HTTPBearer(auto_error=False, bearerFormat="at+jwt", scheme_name=name, description="An RFC 9068 access token")


_NEEDED, _MAY_BE = _described(SCHEME), _described(PERHAPS)
_RECOGNISED = "chassis.caller"
"""In the scope: the caller, when the edge has verified the token."""


async def caller_of(request: Incoming) -> Caller | None:
    """The verified caller; None without an Authorization header. Raises InvalidToken or KeysUnavailable."""
    caller = _known(request)
    if caller is not None:
        return caller
    header = request.headers.get("authorization")
    if header is None:
        return None
    token = _token(header)
    if token is None:
        raise unauthenticated("The Authorization header must be: Bearer <access token>.")
    api: Api = request.app
    caller = await api.auth.verify(token)
    api.note_seen(caller, request.scope)
    return caller


def _known(request: Incoming) -> Caller | None:
    """Whom the edge has recognised."""
    caller: Caller | None = request.scope.get(_RECOGNISED)
    if caller is not None:
        api: Api = request.app
        api.note_seen(caller, request.scope)
    return caller


def remembered(scope: Scope, auth: Authenticator) -> Caller | None:
    """Who the edge counts the request for, if their token was verified before: no task has to wait for that."""
    header: bytes | None = scope["chassis.headers"].get(b"authorization")
    if header is None or header[:7] != b"Bearer ":
        return None
    try:
        caller = auth.remembered(header[7:].decode("latin-1"))
    except InvalidToken:
        return None
    scope[_RECOGNISED] = caller
    return caller


async def recognised(scope: Scope, auth: Authenticator) -> Caller | None:
    """Who the edge counts the request for; None for whoever is anonymous, or not good here, which a route may say."""
    header: bytes | None = scope["chassis.headers"].get(b"authorization")
    token = None if header is None else _token(header.decode("latin-1"))
    if token is None:
        return None
    try:
        caller = await auth.verify(token)
    except (InvalidToken, KeysUnavailable):
        return None
    scope[_RECOGNISED] = caller
    return caller


def _token(header: str) -> str | None:
    scheme, _, token = header.partition(" ")
    return token.strip() if token and scheme.lower() == "bearer" else None


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
    """A dependency: the caller, whose token must carry `scope`; else 403. OpenAPI names the scope."""

    async def dependency(caller: Annotated[Caller, Security(_surely, scopes=[scope])]) -> Caller:
        if scope not in caller.scopes:
            raise Problem(403, "insufficient-scope", "The token's scope does not cover this", f"It needs {scope}.")
        return caller

    return dependency
