"""Health and metrics, the same in a service's API and on the port of a role without one."""

from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from chassis import metrics
from chassis.health import Health
from chassis.http.named import Named
from chassis.http.problems import problem_for

OPEN = ("/health/", "/metrics")
"""Answered also while the process starts or stops."""


def probe_routes(health: Health) -> list[Route]:
    """`/health/live`, `/health/ready`, `/health/progress`, `/metrics`."""

    async def live(request: Request) -> Response:
        return _json({"status": "live"})

    async def ready(request: Request) -> Response:
        good, seen = await health.ready()
        return _json({"status": "ready" if good else "not ready", "checks": seen}, 200 if good else 503)

    async def progress(request: Request) -> Response:
        return _json(await health.progress())

    async def exposition(request: Request) -> Response:
        return Response(metrics.exposition(await health.progress()), media_type=metrics.CONTENT_TYPE)

    return [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/health/progress", progress),
        Route("/metrics", exposition),
    ]


def _json(body: object, status: int = 200) -> Response:
    return Response(to_json(body), status, {"cache-control": "no-store"}, media_type="application/json")


def probe_app(health: Health) -> ASGIApp:
    """For HEALTH_PORT."""
    return Named(Starlette(routes=probe_routes(health), exception_handlers={HTTPException: _told}))


async def _told(request: Request, error: Exception) -> Response:
    return problem_for(error, {}).response()
