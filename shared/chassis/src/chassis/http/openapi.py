"""OpenAPI 3.1 of a service, with what the edge does for every operation written down once."""

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from chassis.http.caller import PERHAPS, SCHEME
from chassis.http.lean import LeanRoute
from chassis.http.problems import MEDIA_TYPE, TYPES

_TEXT = {"type": "string"}
_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457. `type` is stable; the words are for people.",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": [f"{TYPES}not-found"]},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail", "code"],
                "properties": {"pointer": _TEXT, "detail": _TEXT, "code": _TEXT},
            },
        },
    },
}
_TRACE = {"X-Trace-Id": {"description": "Id of the request's trace, 32 hex digits", "schema": _TEXT}}
_PLACE = "[!-+.-9;-~]{1,100}:[!-+.-~]{1,300}@[0-9]{1,18}"
_PARAMETERS: dict[str, Any] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Repeats with the same key and body have the same answer and act once; another body is a 422.",
        "schema": {"type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
    },
    "Position": {
        "name": "X-Convene-Position",
        "in": "header",
        "description": "As another service answered it: this one waits up to 2 s until it has heard of that, else 503.",
        "schema": {"type": "string", "maxLength": 8192, "pattern": f"^{_PLACE}(, ?{_PLACE}){{0,15}}$"},
    },
}


def describe(title: str, version: str, routes: Sequence[BaseRoute], lean: Sequence[LeanRoute]) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    document = get_openapi(
        title=title,
        version=version,
        openapi_version="3.1.0",
        routes=[*routes, *(route.described() for route in lean)],
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for framework in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework, None)
    schemas["Problem"] = _PROBLEM
    schemes = components.get("securitySchemes", {})
    if PERHAPS in schemes:
        schemes.setdefault(SCHEME, schemes.pop(PERHAPS))
    components["parameters"] = _PARAMETERS
    components["responses"] = {
        "Problem": {
            "description": "A problem",
            "headers": _TRACE,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
    for item in document.get("paths", {}).values():
        for method, operation in item.items():
            _complete(method, operation)
    return document


def _complete(method: str, operation: dict[str, Any]) -> None:
    if operation.get("security") == [{PERHAPS: []}]:
        operation["security"] = [{}, {SCHEME: []}]
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    for response in responses.values():
        response.setdefault("headers", {}).update(_TRACE)
    responses["default"] = {"$ref": "#/components/responses/Problem"}
    names = ["Position", "IdempotencyKey"] if method in {"post", "put"} else ["Position"]
    operation.setdefault("parameters", []).extend({"$ref": f"#/components/parameters/{name}"} for name in names)
