"""OpenAPI 3.1 of a service, with what the edge does for every operation written down once."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from chassis.http.admitting import WRITES
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
_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_TRACE = {"X-Trace-Id": {"description": "Id of the request's trace, 32 hex digits", "schema": _TEXT}}
_PLACE = "[!-+.-9;-~]{1,100}:[!-+.-~]{1,300}@[0-9]{1,18}"
_AGAIN = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "string", "pattern": "^[0-9]+$"}}}
_REFUSALS: Final = {
    400: ("Malformed", "A header or the cursor is not of the form that is described"),
    401: ("NoToken", "It needs a valid access token; one that is sent must be valid where none is needed too"),
    403: ("NotAllowed", "The caller may not do or see this"),
    404: ("NotFound", "There is no such thing, or not for the caller"),
    409: ("NotNow", "As things are, this cannot be done"),
    410: ("Over", "It was there, and is not any more"),
    412: ("Stale", "Somebody changed it meanwhile: read it again"),
    413: ("TooLarge", "The body is larger than 256 KiB"),
    415: ("NotJson", "The body must be JSON"),
    422: ("Unfit", "The request does not fit its description, or what it names does not exist"),
    428: ("NoVersion", "`If-Match` must say which version is changed"),
    429: ("TooMany", "Too many requests; `Retry-After` says when to come again"),
    503: ("Unavailable", "It cannot be answered at this moment; `Retry-After` says when to come again"),
}
"""Status -> name in the document, and what it means anywhere."""
_ANY: Final = (400, 401, 429, 503)
_DECIDED: Final = (403, 404, 409)
_WRITES: Final = frozenset(map(str.lower, WRITES))
_KEYED: Final = frozenset({"post", "put"})
_ETAG = '"[0-9]{1,18}"'
_VERSION = {"type": "string", "pattern": rf"^(\*|{_ETAG}(, ?{_ETAG}){{0,99}})$", "examples": ['"1"']}
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
        "description": "As another service answered it: this one waits up to 2 s until it has heard of that and done"
        " what follows from it here, else 503.",
        "schema": {"type": "string", "maxLength": 8192, "pattern": f"^{_PLACE}(, ?{_PLACE}){{0,15}}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of what is to be changed, as it was read; several of them, or `*`, for any of these.",
        "schema": _VERSION,
    },
    "IfSeen": {
        "name": "If-Match",
        "in": "header",
        "description": "As it was read: its ETag, several of them, or `*`. Without it, whatever is there is changed.",
        "schema": _VERSION,
    },
}


def describe(
    title: str,
    version: str,
    routes: Sequence[BaseRoute],
    lean: Sequence[LeanRoute],
    *,
    refused: Collection[int] = (),
) -> dict[str, Any]:
    """The OpenAPI 3.1 document. refused: the statuses of refused decisions, which any command may be answered with."""
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
    found = [
        _complete(method, path, operation, refused)
        for path, item in document.get("paths", {}).items()
        for method, operation in item.items()
    ]
    components["responses"] = {
        "Problem": _problem("Something else went wrong", {}),
        **dict(_response(status) for status in sorted(set().union(*found))),
    }
    return document


def _response(status: int) -> tuple[str, dict[str, Any]]:
    name, words = _REFUSALS[status]
    return name, _problem(words, _AGAIN if status in (429, 503) else {})


def _problem(description: str, headers: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "headers": {**_TRACE, **headers}, "content": _CONTENT}


def _complete(method: str, path: str, operation: dict[str, Any], refused: Collection[int]) -> set[int]:
    """Adds what the edge does; the statuses of the refusals that the operation may meet."""
    if operation.get("security") == [{PERHAPS: []}]:
        operation["security"] = [{}, {SCHEME: []}]
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    for status, response in responses.items():
        response.setdefault("headers", {}).update(_TRACE)
        if status >= "400":
            _may_be_a_problem(status, response)
    statuses = _statuses(method, path, operation, refused)
    for status in sorted(statuses):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"})
    responses["default"] = {"$ref": "#/components/responses/Problem"}
    names = ["Position", *["IdempotencyKey"] * (method in _KEYED), *["IfMatch"] * (method == "patch")]
    names += ["IfSeen"] * (method != "patch" and "412" in responses)
    operation.setdefault("parameters", []).extend({"$ref": f"#/components/parameters/{name}"} for name in names)
    return statuses


def _may_be_a_problem(status: str, response: dict[str, Any]) -> None:
    """A route that says what it refuses with need not say how. Routing has no page for a path that nothing matches."""
    content = response.setdefault("content", {})
    if not content or status == "404":
        content.update(_CONTENT)


def _statuses(method: str, path: str, operation: dict[str, Any], refused: Collection[int]) -> set[int]:
    """What an operation may be refused with by what its description says of it. A route adds what only it knows."""
    found, named, security = set(_ANY), "{" in path, operation.get("security", [])
    if security:
        if (named and 403 in refused) or any(scopes for needed in security for scopes in needed.values()):
            found.add(403)
        if method in _WRITES:
            found.update(status for status in _DECIDED if status in refused)
    if named:
        found.add(404)
    if method in _WRITES:
        found.update((413, 422))
    elif operation.get("parameters"):
        found.add(422)
    if method == "patch":
        found.update((412, 428))
    return found
