"""What the service says about itself to people and tools: OpenAPI, AsyncAPI, and a page for each.

The pages load nothing from other hosts; their Content-Security-Policy would not let them.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from chassis.http.asyncapi_page import page

Described = Callable[[], dict[str, Any]]

_ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
_START = """window.addEventListener("load", () => {
  SwaggerUIBundle({url: "openapi.json", dom_id: "#ui", deepLinking: true, validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout"});
});
"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css"></head>
<body><div id="ui"></div><script src="docs/swagger-ui-bundle.js"></script><script src="docs/start.js"></script></body>
</html>
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {"content-security-policy": _POLICY, "x-content-type-options": "nosniff"}


def document_routes(
    title: str, openapi: Described, messages: Described, headers: Mapping[str, str] = MappingProxyType({})
) -> list[Route]:
    """`/openapi.json`, `/docs`, `/asyncapi.json`, `/asyncapi`.

    title: of the API; openapi, messages: make the documents, which do not change; headers: what the documents are
    answered with beside what they are.
    """
    described = cache(messages)

    async def openapi_json(request: Request) -> Response:
        return Response(to_json(openapi()), headers=headers, media_type="application/json")

    async def docs(request: Request) -> Response:
        return HTMLResponse(_PAGE.format(title=title), headers=_HEADERS)

    async def asset(request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        if name == "start.js":
            return Response(_START, media_type="text/javascript", headers=_HEADERS)
        return Response(_asset(name), media_type=_ASSETS[name], headers=_HEADERS | {"cache-control": "max-age=86400"})

    async def asyncapi(request: Request) -> Response:
        return Response(to_json(described()), headers=headers, media_type="application/json")

    async def asyncapi_page(request: Request) -> Response:
        return HTMLResponse(page(described()), headers=_HEADERS)

    assets = [Route(f"/docs/{name}", asset) for name in (*_ASSETS, "start.js")]
    return [
        Route("/openapi.json", openapi_json),
        Route("/docs", docs),
        *assets,
        Route("/asyncapi.json", asyncapi),
        Route("/asyncapi", asyncapi_page),
    ]


@cache
def _asset(name: str) -> bytes:
    return files("fastapi_offline").joinpath("static", name).read_bytes()
