"""A request as the hot path reads it. Starlette's own has the same words, at several times the price."""

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

_SENT = "chassis.sent"


class Headers(Protocol):
    """Header texts by lower-case name."""

    def get(self, name: str, /) -> str | None: ...


class Incoming(Protocol):
    """What callers, bodies and commands are read from: Starlette's request, or a lean one."""

    @property
    def app(self) -> Any: ...

    @property
    def method(self) -> str: ...

    @property
    def scope(self) -> Any: ...

    @property
    def headers(self) -> Headers: ...

    @property
    def path_params(self) -> Any: ...

    async def body(self) -> bytes: ...


class LeanHeaders:
    """Decodes a header when it is asked for; of several with one name the last counts."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Mapping[bytes, bytes]) -> None:
        self._raw = raw

    def get(self, name: str, /) -> str | None:
        value = self._raw.get(name.encode())
        return None if value is None else value.decode("latin-1")


class LeanRequest:
    """One request to a lean route."""

    __slots__ = ("_receive", "app", "headers", "method", "path_params", "scope")

    def __init__(
        self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], path_params: Mapping[str, str]
    ) -> None:
        self.scope = scope
        self.app: Any = scope["app"]
        self.method: str = scope["method"]
        self.headers = LeanHeaders(headers)
        self.path_params = path_params
        self._receive = receive

    async def body(self) -> bytes:
        """The whole body. Raises ClientDisconnect when the caller leaves before its end."""
        message = await self._receive()
        found: bytes = _part(message)
        while message.get("more_body", False):
            message = await self._receive()
            found += _part(message)
        return found


def _part(message: Mapping[str, Any]) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    part: bytes = message.get("body", b"")
    return part


class _Overhearing:
    """Keeps what a caller sends, as it is read."""

    __slots__ = ("_receive", "parts")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.parts: list[bytes] = []

    async def __call__(self) -> Message:
        message = await self._receive()
        self.parts.append(message.get("body", b""))
        return message


def overhearing(scope: Scope, receive: Receive) -> Receive:
    """Receives for this request; what its body was can be asked for by `sent`."""
    heard = scope[_SENT] = _Overhearing(receive)
    return heard


def sent(request: Incoming) -> bytes:
    """The body as the caller sent it, as far as it was read; of a request that is overheard."""
    heard: _Overhearing | None = request.scope.get(_SENT)
    return b"" if heard is None else b"".join(heard.parts)
