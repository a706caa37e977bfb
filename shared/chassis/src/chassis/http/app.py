"""A service's API: its routers and lean routes, with everything around them that all services share."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Any, Final

import structlog
from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from chassis import telemetry
from chassis.auth import Authenticator, Caller
from chassis.frozen import frozen
from chassis.health import Health
from chassis.http.admitting import admitted
from chassis.http.asyncapi import document
from chassis.http.documents import document_routes
from chassis.http.edge import Edge
from chassis.http.lean import LeanRoute
from chassis.http.limits import Rate
from chassis.http.openapi import describe
from chassis.http.probes import probe_routes
from chassis.http.problems import EXPECTED, Refusals, problem_for
from chassis.journal.facade import Journal
from chassis.mongo import Database
from chassis.privacy.leaving import ABOUT_LEAVING, Leaving
from chassis.settings import ServiceSettings

_MAX_SEEN = 200_000
_GATHER_SECONDS = 0.05
_AT_ONCE = 500
_PARAMETER: Final = re.compile(r"\{[^}]*\}")

_log = structlog.get_logger(__name__)


@frozen
class FirstCall:
    """The first call of a member. trace: the W3C traceparent it was part of."""

    caller: Caller
    trace: str | None


Seen = Callable[[Sequence[FirstCall]], Awaitable[None]]


class Api(FastAPI):
    """The application; `request.app` gives it, with `journal`, `database`, `settings`, `auth` and `health`."""

    def __init__(
        self,
        *,
        title: str,
        version: str,
        settings: ServiceSettings,
        database: Database,
        journal: Journal,
        auth: Authenticator,
        health: Health,
        routers: Sequence[APIRouter],
        lean_routes: Sequence[LeanRoute] = (),
        refusals: Refusals,
        consumed_topics: Collection[str] = (),
        seen: Seen | None = None,
        leaving: Leaving | None = None,
    ) -> None:
        """routers: with their own prefixes (`APIRouter(prefix="/v1")`); lean_routes: matched first.
        refusals: reason of a refused decision -> (status, title).
        consumed_topics: registry names this service reads, for X-Convene-Position and AsyncAPI.
        seen: told once per member and process, beside the requests, of members' first authenticated calls; again of
        one with a younger token, by which somebody may have come back.
        leaving: told of every authenticated call.
        """
        super().__init__(
            title=title,
            version=version,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        )
        self.settings = settings
        self.database = database
        self.journal = journal
        self.auth = auth
        self.health = health
        self._lean = lean_routes
        self._refusals = refusals
        self._seen = seen
        self._leaving = leaving
        self._seen_members: dict[str, float] = {}
        self._fresh: list[FirstCall] = []
        self._telling: asyncio.Task[None] | None = None
        self._edge = Edge(
            super().__call__,
            lean_routes,
            auth=auth,
            rate=Rate.of(settings),
            health=health,
            database=database,
            consumed=frozenset(consumed_topics),
            refusals=refusals,
            cors_origins=settings.cors_origins,
        )
        for kind in (*EXPECTED, Exception):
            self.add_exception_handler(kind, self._answer)
        self.router.routes.extend(probe_routes(health))
        messages = partial(document, settings.service, version, consumed=consumed_topics, prefix=settings.topic_prefix)
        self.router.routes.extend(document_routes(title, self.openapi, messages))
        self.router.routes.extend(lean_routes)
        for router in routers:
            self.include_router(router, dependencies=[Depends(admitted)])

    async def _answer(self, request: Request, error: Exception) -> Response:
        response = problem_for(error, self._refusals).response()
        if response.status_code == 405:
            response.headers["allow"] = _allowed(self.openapi(), request.url.path) or response.headers["allow"]
        return response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["app"] = self
            await self._edge(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def note_seen(self, caller: Caller, call: Scope) -> None:
        """Tell the service of a member's first call to this process with a token this young, beside the request; told
        again if it failed."""
        if self._leaving is not None:
            self._leaving.seen(caller, call["method"], call["path"])
        issued_at = caller.issued_at or 0.0
        if self._seen is None or self._seen_members.get(caller.member_id, -1.0) >= issued_at:
            return
        if (call["method"], call["path"]) in ABOUT_LEAVING:
            return
        if len(self._seen_members) >= _MAX_SEEN:
            self._seen_members.clear()
        self._seen_members[caller.member_id] = issued_at
        self._fresh.append(FirstCall(caller, telemetry.current_traceparent()))
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell(self._seen))

    async def _tell(self, seen: Seen) -> None:
        """A crowd's first calls come together: they are told together."""
        while self._fresh:
            await asyncio.sleep(_GATHER_SECONDS)
            calls, self._fresh = self._fresh[:_AT_ONCE], self._fresh[_AT_ONCE:]
            try:
                await seen(calls)
            except Exception:  # noqa: BLE001 - nobody waits for it; it is logged and tried again at the next call
                for call in calls:
                    self._seen_members.pop(call.caller.member_id, None)
                _log.warning("members' first calls could not be noted", exc_info=True)

    def openapi(self) -> dict[str, Any]:
        """OpenAPI 3.1, lean routes included."""
        if self.openapi_schema is None:
            refused = {status for status, _ in self._refusals.values()}
            self.openapi_schema = describe(self.title, self.version, self.routes, self._lean, refused=refused)
        return self.openapi_schema


def _allowed(document: dict[str, Any], path: str) -> str:
    """The methods of every operation with this path; the framework knows those of the first alone. Where a path fits
    several templates, it is the one that leaves least open: `notes/n1.txt` is no note."""
    fitting = [template for template in document["paths"] if compile_path(template)[0].match(path)]
    if not fitting:
        return ""
    found = max(fitting, key=lambda template: len(_PARAMETER.sub("", template)))
    return ", ".join(sorted(map(str.upper, document["paths"][found])))
