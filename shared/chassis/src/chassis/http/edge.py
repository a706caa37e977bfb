"""The one layer that every request passes: trace, limits, position, metrics, and the last word on errors."""

from collections.abc import Awaitable, Collection, Sequence

import structlog
from opentelemetry.trace import Status, StatusCode
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import clock, metrics, position, telemetry
from chassis.auth import Authenticator
from chassis.health import Health
from chassis.http.caller import recognised, remembered
from chassis.http.commands import POSITION
from chassis.http.incoming import LeanRequest, overhearing
from chassis.http.lean import LeanRoute
from chassis.http.limits import HeaderPairs, Limit, Rate, network_of
from chassis.http.probes import OPEN
from chassis.http.problems import EXPECTED, Problem, Refusals, problem_for
from chassis.mongo import Database

MAX_BODY = 256 * 1024
"""Bytes of a request's body."""

_EXPOSED = (
    "etag",
    "link",
    "location",
    "retry-after",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    POSITION,
    "x-trace-id",
)
_ACCEPTED = ("authorization", "content-type", "idempotency-key", "if-match", "last-event-id", POSITION, "traceparent")
_POSITION = POSITION.encode()

_log = structlog.get_logger(__name__)


class Edge:
    """An ASGI application around `inner`, which serves whatever no lean route does."""

    def __init__(
        self,
        inner: ASGIApp,
        lean: Sequence[LeanRoute],
        *,
        auth: Authenticator,
        rate: Rate,
        health: Health,
        database: Database,
        consumed: Collection[str],
        refusals: Refusals,
        cors_origins: Sequence[str],
    ) -> None:
        self._inner = inner
        self._lean: dict[str, list[LeanRoute]] = {}
        for route in lean:
            self._lean.setdefault(route.method, []).append(route)
        self._auth = auth
        self._per_member, self._per_address = Limit(rate.per_member), Limit(rate.per_address)
        self._health = health
        self._database = database
        self._consumed = consumed
        self._refusals = refusals
        self._origins = cors_origins
        self._app: ASGIApp = self._with_cors(self._dispatch)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = clock.monotonic()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        scope["chassis.headers"] = headers
        length = headers.get(b"content-length")
        parent = _text(headers.get(b"traceparent"))
        seen = _text(headers.get(_POSITION))
        if b"transfer-encoding" in headers:
            receive = _Limited(receive)
        if b"idempotency-key" in headers:
            receive = overhearing(scope, receive)
        answer = _Answer(send)
        problem = self._refusal(scope, length)
        if problem is None and len(headers) < len(scope["headers"]):
            problem = _ambiguous(scope)
        unrecorded = telemetry.unrecorded(parent)
        if unrecorded is None:
            await _traced(parent, self._guarded(problem, seen, scope, receive, answer), scope, answer)
        else:
            answer.traceparent = unrecorded
            await self._guarded(problem, seen, scope, receive, answer)
        route = scope.get("route")
        metrics.request_took(
            scope["method"] if route is not None else "other",
            getattr(route, "path", "none"),
            answer.status,
            clock.monotonic() - began,
        )

    def _with_cors(self, app: ASGIApp) -> ASGIApp:
        if not self._origins:
            return app
        return CORSMiddleware(
            app,
            allow_origins=self._origins,
            allow_methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=_ACCEPTED,
            expose_headers=_EXPOSED,
        )

    def _refusal(self, scope: Scope, length: bytes | None) -> Problem | None:
        if length is not None and (not length.isdigit() or len(length) > 18 or int(length) > MAX_BODY):
            return too_large()
        if (not self._health.started or self._health.stopping) and not scope["path"].startswith(OPEN):
            words = "The service is stopping" if self._health.stopping else "The service is starting"
            return Problem(503, "not-ready", words, headers={"retry-after": "1"})
        return None

    async def _waited(self, seen: str, limit: Limit, key: str, answer: "_Answer") -> Problem | None:
        """What a request waits for what it builds on is counted too."""
        began = clock.monotonic()
        problem = await self._reach(seen)
        answer.limits = limit.waited(key, clock.monotonic() - began)
        return problem

    async def _reach(self, seen: str) -> Problem | None:
        try:
            reached = await position.wait_until(self._database, seen, self._consumed)
        except ValueError:
            return Problem(400, "invalid-position", "X-Convene-Position is malformed")
        except EXPECTED as error:
            return problem_for(error, self._refusals)
        if reached:
            return None
        detail = "This service has not yet heard of what the request builds on."
        return Problem(503, "position-not-reached", "Not there yet", detail, headers={"retry-after": "1"})

    async def _guarded(
        self, problem: Problem | None, seen: str | None, scope: Scope, receive: Receive, answer: "_Answer"
    ) -> None:
        try:
            if problem is None and not scope["path"].startswith(OPEN):
                caller = remembered(scope, self._auth) or await recognised(scope, self._auth)
                if caller is not None:
                    limit, key = self._per_member, caller.member_id
                else:
                    limit, key = self._per_address, network_of(_address(scope))
                try:
                    answer.limits = limit.enter(key)
                except Problem as refused:
                    problem = refused
                if problem is None and seen is not None:
                    problem = await self._waited(seen, limit, key, answer)
            app = self._app if problem is None else self._with_cors(problem.response())
            await app(scope, receive, answer.send)
        except ClientDisconnect:
            answer.status = answer.status or 499
        except Exception as error:  # noqa: BLE001 - the last word: log it, tell the caller no more than that
            _log.exception("a request failed", method=scope["method"], route=getattr(scope.get("route"), "path", None))
            if not answer.status:
                await problem_for(error, self._refusals).response()(scope, receive, answer.send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        for route in self._lean.get(scope["method"], ()):
            found = route.path_regex.match(scope["path"])
            if found is not None:
                scope["route"] = route
                try:
                    response = await route.answer_to(
                        LeanRequest(scope, receive, scope["chassis.headers"], found.groupdict())
                    )
                except EXPECTED as error:
                    response = problem_for(error, self._refusals).response()
                await response(scope, receive, send)
                return
        await self._inner(scope, receive, send)


def _ambiguous(scope: Scope) -> Problem | None:
    """Whoever is counted must be whoever acts, whichever of several such headers a reader takes."""
    if sum(name == b"authorization" for name, _ in scope["headers"]) < 2:
        return None
    return Problem(400, "repeated-header", "A header was sent twice", "Send one Authorization header.")


def _address(scope: Scope) -> str:
    """Of the connection, or what a trusted proxy says it is."""
    client = scope["client"]
    return client[0] if client else ""


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


async def _traced(parent: str | None, work: Awaitable[None], scope: Scope, answer: "_Answer") -> None:
    method = scope["method"]
    with telemetry.span(method, parent, kind=telemetry.SpanKind.SERVER, **{"http.request.method": method}) as span:
        answer.traceparent = telemetry.current_traceparent() or telemetry.continued(None)
        await work
        route = getattr(scope.get("route"), "path", None)
        if route is not None:
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", answer.status)
        if answer.status >= 500:
            span.set_status(Status(StatusCode.ERROR))


class _Answer:
    """Adds the trace and the rate limit to the answer's head and remembers its status (0 = nothing sent yet)."""

    __slots__ = ("_send", "limits", "status", "traceparent")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.traceparent = ""
        self.limits: HeaderPairs = ()
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            trace = telemetry.trace_id(self.traceparent).encode()
            message["headers"] = [*message.get("headers", ()), (b"x-trace-id", trace), *self.limits]
        await self._send(message)


class _Limited:
    """Counts a body of unknown length."""

    __slots__ = ("_left", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = MAX_BODY

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise too_large()
        return message


def too_large() -> Problem:
    return Problem(413, "content-too-large", "The body is too large", f"At most {MAX_BODY // 1024} KiB.")
