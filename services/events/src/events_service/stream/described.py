"""The stream's own OpenAPI 3.1: two answers that have no end."""

from typing import Any, Final

from chassis.http.openapi import describe
from contracts.public import PublicRsvp
from events_service.stream.selection import RADIUS_KM, WIDEST_KM
from events_service.stream.wish import LONGEST_PAUSE, MOST_COUNTED

TITLE: Final = "Convene RSVP stream"

_NAMES: Final = {
    "event_id": "Only RSVPs to these events.",
    "group_id": "Only of these groups, by number.",
    "group_urlname": "Only of these groups, by the name in their address.",
    "topic": "Only of groups with one of these topics, by `urlkey`.",
    "country": "Only of groups in these countries, two letters.",
    "response": "Only these responses: `yes`, `no`.",
}
_TEXT: Final = {"type": "string"}
_MILLISECONDS: Final = {"type": "integer", "minimum": 0}
_FIRST: Final = "`Last-Event-ID`, `since`, `since_mtime`, `since_count`: the first that is there says where to start."
_REFUSED: Final = {
    "400": "A parameter makes no sense, the id cannot be resumed from, or a WebSocket is asked for",
    "404": "The id names another stream",
    "429": "Too many connections of one address; `Retry-After` says when to come again",
}
_REFUSED_TO_LINES: Final = {
    "410": "Messages from that position on are gone from the log; `errors` says which",
    "503": "The stream cannot be read at this moment; `Retry-After` says when to come again",
}
_RSVP: Final = {"$ref": "#/components/schemas/PublicRsvp"}
_DELETED: Final = {
    "description": "An RSVP that is to be forgotten.",
    "type": "object",
    "required": ["deleted", "rsvp_id"],
    "properties": {"deleted": {"const": True}, "rsvp_id": {"type": "integer"}},
}
_SSE: Final = (
    "`event: message` with an RSVP; `event: deleted` with the `rsvp_id` to forget; `event: gap` with what is `missing` "
    "before the messages that follow. `id` names the position behind the message, for `Last-Event-ID`."
)


def described(version: str) -> dict[str, Any]:
    """The document for `/openapi.json`; the same for equal versions."""
    document = describe(TITLE, version, [], [])
    components = document["components"]
    components["schemas"] |= _schemas()
    components["parameters"] = _parameters()
    lines = {"schema": {"anyOf": [_RSVP, {"$ref": "#/components/schemas/DeletedRsvp"}]}}
    document["paths"] = {
        "/v2/stream/rsvps": _reading(
            "public_rsvps",
            "Public RSVPs as they change",
            f"`Accept` chooses server-sent events or one JSON object per line. {_FIRST} An SSE reader hears of gaps as "
            "messages and is never answered 410 or 503.",
            {
                "text/event-stream": {"schema": {"type": "string", "description": _SSE}},
                "application/x-ndjson": lines,
                "application/json": lines,
            },
        ),
        "/2/rsvps": _reading(
            "public_rsvps_of_meetup",
            "Public RSVPs as Meetup's stream told them",
            f"One JSON object and its line break per HTTP chunk; what is deleted is not shown. There is "
            f"no JSONP: `callback` is refused. {_FIRST}",
            {"application/json": {"schema": _RSVP}},
        ),
    }
    return document


def _reading(name: str, summary: str, description: str, content: dict[str, Any]) -> dict[str, Any]:
    refused = {**_REFUSED, **_REFUSED_TO_LINES}
    trace = {"X-Trace-Id": {"description": "Id of the request's trace, 32 hex digits", "schema": _TEXT}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: dict[str, Any] = {
        "200": {"description": "Goes on until one side ends it", "headers": trace, "content": content},
        **{status: {"description": words, "headers": trace, "content": problem} for status, words in refused.items()},
        "default": {"$ref": "#/components/responses/Problem"},
    }
    parameters = [{"$ref": f"#/components/parameters/{parameter}"} for parameter in _parameters()]
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "description": description,
            "tags": ["stream"],
            "parameters": parameters,
            "responses": responses,
        }
    }


def _parameters() -> dict[str, Any]:
    texts = {"type": "array", "items": _TEXT, "maxItems": 100}
    several = {name: _query(name, f"{words} Several are alternatives.", texts) for name, words in _NAMES.items()}
    time = {"anyOf": [_MILLISECONDS, {"type": "string", "format": "date-time"}]}
    counted = {**_MILLISECONDS, "maximum": MOST_COUNTED}
    pause = {"type": "number", "minimum": 1, "maximum": LONGEST_PAUSE}
    radius = {"type": "number", "exclusiveMinimum": 0, "maximum": WIDEST_KM, "default": RADIUS_KM}
    last = "The position to go on from: the `id` of the last message."
    return {
        **several,
        "near": _query("near", "Only near that point, `lat,lon` in degrees: the venue, or else the group.", _TEXT),
        "radius_km": _query("radius_km", "How near, in kilometres; only with `near`.", radius),
        "since": _query("since", "From that time on: milliseconds since 1970, or ISO 8601.", time),
        "since_mtime": _query("since_mtime", "From that `mtime` on; not with `since_count`.", _MILLISECONDS),
        "since_count": _query("since_count", "The last so many that are wanted, then what comes.", counted),
        "heartbeat": _query("heartbeat", "Seconds of silence until there is a sign of life.", pause),
        "LastEventId": {"name": "Last-Event-ID", "in": "header", "description": last, "schema": _TEXT},
    }


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _schemas() -> dict[str, Any]:
    shape = PublicRsvp.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    return {**shape.pop("$defs"), "PublicRsvp": shape, "DeletedRsvp": _DELETED}
