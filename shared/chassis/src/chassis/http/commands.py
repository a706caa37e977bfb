"""From a request to a command, and from its result to an answer."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis import telemetry
from chassis.auth import Caller
from chassis.http.incoming import Incoming, sent
from chassis.http.problems import Problem, RefusedCommand
from chassis.ids import random_id
from chassis.journal.command import Command, fingerprint, http_command_id
from chassis.journal.decision import Result
from chassis.journal.seen import Seen

POSITION = "x-convene-position"
_POSITION = POSITION.encode()
_KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
_ETAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
_ETAGS = re.compile(rf"{_ETAG}(?:[ \t]*,[ \t]*{_ETAG})*")
_OURS = re.compile(r'(?<![^ \t,])"(\d{1,18})"')
_MOST = 100


def command_from(
    request: Incoming, caller: Caller | None, *, name: str, aggregate: str, body: Mapping[str, Any] | BaseModel
) -> Command:
    """The caller's wish. With an Idempotency-Key its id is the same at every repeat, for this caller, method and path,
    and its fingerprint is of what the caller sent, whatever came of that since: `body` may hold more.

    Raises Problem 400 for a malformed key.
    """
    content = body.model_dump(mode="json") if isinstance(body, BaseModel) else dict(body)
    actor = caller.member_id if caller else None
    key = request.headers.get("idempotency-key")
    if key is None:
        return Command(random_id(), name, aggregate, content, actor=actor, trace=telemetry.current_traceparent())
    if not _KEY.fullmatch(key):
        raise Problem(400, "invalid-idempotency-key", "The Idempotency-Key is malformed", "1 to 255 ASCII characters.")
    return Command(
        http_command_id(actor or "", request.method, request.scope["path"], key),
        name,
        aggregate,
        content,
        actor=actor,
        fingerprint=fingerprint(sent(request), request.scope["query_string"], request.headers.get("if-match")),
        trace=telemetry.current_traceparent(),
    )


def reply(result: Result, *, location: str | None = None, etag: int | str | None = None) -> Response:
    """200, or 201 for something new. Raises RefusedCommand, which the service's table of refusals answers."""
    if result.refused is not None:
        raise RefusedCommand(result)
    body = to_json(result.answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if result.position:
        headers.append((_POSITION, ",".join(result.position).encode("latin-1")))
    if etag is not None:
        headers.append((b"etag", b'"%b"' % str(etag).encode()))
    if location is not None:
        headers.append((b"location", location.encode("latin-1")))
    return Reply(body, 201 if result.created else 200, headers)


class Reply(Response):
    """A response whose head is given as it goes on the wire."""

    def __init__(self, body: bytes, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.body = body
        self.status_code = status
        self.raw_headers = headers
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


def if_match(request: Incoming) -> Seen:
    """What the caller has seen. Raises Problem 428 without the header, 412 when it cannot match."""
    seen = if_match_given(request)
    if seen is None:
        raise Problem(428, "precondition-required", "Say which version you change", "Send If-Match with the ETag.")
    return seen


def if_match_given(request: Incoming) -> Seen | None:
    """The same where nobody has to say it; None without the header."""
    header = request.headers.get("if-match")
    if header is None:
        return None
    header = header.strip()
    if header == "*":
        return []
    found = list(dict.fromkeys(map(int, _OURS.findall(header)))) if _ETAGS.fullmatch(header) else []
    if not 0 < len(found) <= _MOST:
        detail = f"If-Match must be *, or 1 to {_MOST} ETags of this service."
        raise Problem(412, "stale-version", "Somebody changed it meanwhile", detail)
    return found[0] if len(found) == 1 else found
