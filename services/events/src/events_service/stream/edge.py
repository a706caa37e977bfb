"""HTTP in front of the stream: what is asked, whether it may be, from where on, and then the reader's turn."""

import secrets
from collections.abc import Awaitable, Callable
from functools import cache, partial
from importlib.metadata import version
from urllib.parse import parse_qs

import structlog
from prometheus_client import Counter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.health import Health
from chassis.http.asyncapi import document
from chassis.http.documents import document_routes
from chassis.http.limits import Admission, network_of
from chassis.http.named import Named
from chassis.http.probes import probe_routes
from chassis.http.problems import Problem, problem_for
from contracts.public import PublicRsvp
from events_service.stream import framing
from events_service.stream.cursor import Cursor
from events_service.stream.described import TITLE, described
from events_service.stream.framing import Framing
from events_service.stream.limits import Limits
from events_service.stream.live import Live
from events_service.stream.log import Log, Unavailable
from events_service.stream.opening import Opened, Opening
from events_service.stream.position import Foreign, Junk
from events_service.stream.reader import Reader
from events_service.stream.selection import BadParameter
from events_service.stream.wire import Wire
from events_service.stream.wish import Parameters, Wish, wished, wished_by_meetup

_VERSION = version("events-service")
_log = structlog.get_logger(__name__)
_OPENED = Counter("convene_stream_opened", "Streams opened", ["transport"])

Asked = Callable[[Parameters, str | None, str | None], Wish]


class StreamEdge:
    """The routes of the public stream over one `Live` and one `Log`.

    prefix: of the deployment's topics.
    """

    def __init__(self, live: Live, log: Log, limits: Limits, *, prefix: str = "") -> None:
        self._live = live
        self._log = log
        self._limits = limits
        self._opening = Opening(log)
        self._messages = partial(document, "stream", _VERSION, consumed=[PublicRsvp.topic], prefix=prefix)
        self.admission = Admission(limits.per_address)

    def app(self, health: Health) -> ASGIApp:
        documents = document_routes(TITLE, cache(partial(described, _VERSION)), self._messages, _CORS)
        served = Starlette(
            routes=[
                Route("/v2/stream/rsvps", _Endpoint(self._stream)),
                Route("/2/rsvps", _Endpoint(self._meetup)),
                *documents,
                *probe_routes(health),
            ],
            exception_handlers={HTTPException: _told, Exception: _told},
        )
        return Named(served)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        heartbeat = self._limits.heartbeat
        await self._answer(scope, receive, send, lambda p, i, a: wished(p, i, a, default_heartbeat=heartbeat))

    async def _meetup(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope, receive, send, lambda parameters, last, _: wished_by_meetup(parameters, last))

    async def _answer(self, scope: Scope, receive: Receive, send: Send, asked: Asked) -> None:
        request = Request(scope)
        if request.method == "OPTIONS":
            await Response(None, 204, _PREFLIGHT)(scope, receive, send)
            return
        if request.method != "GET":
            raise Problem(405, "method-not-allowed", "Method Not Allowed", headers={"allow": "GET, OPTIONS"})
        if request.headers.get("upgrade", "").lower() == "websocket":
            raise Problem(400, "no-websocket", "No WebSocket", "The stream is told over plain HTTP only.")
        wish = _wish(request, asked)
        with self.admission.place(network_of(request.client.host if request.client is not None else "")):
            try:
                opened = await self._opened(wish)
            except Unavailable:
                await self._put_off(scope, receive, send, wish)
                return
            await self._tell(scope, send, wish, opened)

    async def _opened(self, wish: Wish) -> Opened:
        """Raises Unavailable, and Problem for what will be no better when asked again."""
        ring = await self._live.readable(_PATIENCE)
        if ring is None:
            raise Unavailable("the stream is not ready")
        try:
            opened = await self._opening.position(ring, wish.start, wish.selection)
        except Foreign as error:
            raise Problem(404, "unknown-stream", "No such stream", str(error)) from None
        except Junk as error:
            raise Problem(400, "invalid-position", "The id cannot be resumed from", str(error)) from None
        if opened.missing and wish.framing is not Framing.SSE:
            told = [
                {"pointer": f"partition/{one.partition}", "detail": one.words(), "code": one.reason}
                for one in opened.missing
            ]
            detail = "Messages from that position on are gone from the log."
            raise Problem(410, "position-gone", "The position is gone", detail, errors=told)
        return opened

    async def _put_off(self, scope: Scope, receive: Receive, send: Send, wish: Wish) -> None:
        """Not now. An EventSource gives up for good at any status but 200, so it gets that, with nothing in it."""
        if wish.framing is not Framing.SSE:
            headers = {"retry-after": "2"}
            raise Problem(503, "not-ready", "Not now", "The stream cannot be read at this moment.", headers=headers)
        body = framing.put_off(self._limits.retry_ms[1], "the stream cannot be read at this moment")
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": 200, "headers": [*_head(wish), length]})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _tell(self, scope: Scope, send: Send, wish: Wish, opened: Opened) -> None:
        wire: Wire = scope["state"]["wire"]
        least, most = self._limits.retry_ms
        reader = Reader(
            wire,
            Cursor(self._log.topic, opened.vector, wish.framing, wish.selection),
            wish,
            opened.ring,
            live=self._live,
            log=self._log,
            opening=self._opening,
            limits=self._limits,
            lifetime=_lifetime(self._limits.lifetime) if wish.framing is Framing.SSE else None,
        )
        _OPENED.labels(wish.framing.value).inc()
        head = _head(wish)
        if scope["http_version"] == "1.0":
            wire.plainly(scope["state"]["cycle"])
        else:
            head.append((b"transfer-encoding", b"chunked"))
        await send({"type": "http.response.start", "status": 200, "headers": head})
        reader.greet(least + secrets.randbelow(max(1, most - least)), opened.missing)
        if not await reader.tell():
            return
        await wire.drained(_PARTING)
        if wire.full:
            wire.abort()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Endpoint:
    """Starlette takes an object with `__call__(scope, receive, send)` as it is, without wrapping it."""

    def __init__(self, answer: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._serve = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._serve(scope, receive, send)


_MOST_PARAMETERS = 200
_PARTING = 2.0
_PATIENCE = 10.0
_CORS = {"access-control-allow-origin": "*", "access-control-expose-headers": "retry-after, x-trace-id"}
_PREFLIGHT = {
    **_CORS,
    "access-control-allow-methods": "GET, OPTIONS",
    "access-control-allow-headers": "last-event-id, cache-control, traceparent",
    "access-control-max-age": "86400",
}


def _wish(request: Request, asked: Asked) -> Wish:
    headers = request.headers
    try:
        return asked(_parameters(request), headers.get("last-event-id"), headers.get("accept"))
    except BadParameter as error:
        raise Problem(400, "invalid-parameter", "A parameter makes no sense", str(error)) from None


def _parameters(request: Request) -> Parameters:
    try:
        return parse_qs(request.url.query, keep_blank_values=False, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise BadParameter(f"more than {_MOST_PARAMETERS} parameters") from None


def _head(wish: Wish) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", wish.content_type.encode() + b"; charset=utf-8"),
        (b"cache-control", b"no-cache, no-store"),
        (b"x-accel-buffering", b"no"),
        (b"vary", b"accept"),
        *((name.encode(), value.encode()) for name, value in _CORS.items()),
    ]


def _lifetime(seconds: float) -> float:
    """Give or take a fifth."""
    return seconds * (0.8 + secrets.randbelow(4001) / 10_000)


async def _told(request: Request, error: Exception) -> Response:
    problem = problem_for(error, {})
    if problem.status_code >= 500 and not isinstance(error, Problem):
        _log.error("a request failed", path=request.url.path, exc_info=error)
    response = problem.response()
    response.headers.update(_CORS)
    return response
