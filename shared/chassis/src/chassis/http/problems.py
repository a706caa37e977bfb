"""Errors as callers see them: RFC 9457, with a stable `type`, without stack, without what the caller sent."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from math import ceil
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis import clock
from chassis.auth import InvalidToken
from chassis.journal.command import Unstorable
from chassis.journal.decision import Result
from chassis.journal.outcome import Busy, Failed, Mismatch, Unknown
from chassis.jwks import KeysUnavailable
from chassis.mongo import errors

TYPES = "https://convene.dev/problems/"
"""What the `type` of every problem begins with; the reason follows."""
MEDIA_TYPE = "application/problem+json"

Refusals = Mapping[str, tuple[int, str]]
"""Of a service: reason of a refused decision -> status and title."""


class Problem(HTTPException):
    """Raise it anywhere below a route.

    reason: kebab-case, the stable end of `type`; title: the same words for every occurrence; detail: this occurrence.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        title: str,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        errors: Iterable[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.reason = reason
        self.title = title
        self.errors = list(errors)

    def response(self) -> Response:
        body: dict[str, Any] = {"type": TYPES + self.reason, "title": self.title, "status": self.status_code}
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors
        return Response(to_json(body), self.status_code, headers=self.headers, media_type=MEDIA_TYPE)


class RefusedCommand(Exception):
    """The decision said no; the service's table says what that is in HTTP."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.refused)
        self.result = result


_SOON = {"retry-after": "1"}


def problem_for(error: Exception, refusals: Refusals) -> Problem:
    """What a caller hears of an error; an unexpected one is a plain 500."""
    if isinstance(error, RefusedCommand):
        return _refused(error.result, refusals)
    for kind, told in _TOLD.items():
        if isinstance(error, kind):
            return told(error)
    return Problem(500, "internal-error", "Something went wrong here", "It was logged under X-Trace-Id.")


def _plain(error: HTTPException) -> Problem:
    """From the framework: its words are replaced, they may quote the request."""
    phrase = HTTPStatus(error.status_code).phrase
    return Problem(error.status_code, phrase.lower().replace(" ", "-"), phrase, headers=error.headers)


def _refused(result: Result, refusals: Refusals) -> Problem:
    reason = result.refused or "refused"
    status, title = refusals.get(reason, (409, "The request was refused"))
    return Problem(status, reason, title, result.detail, headers=_until(result.answer.get("again_at")))


def _until(again_at: str | None) -> Mapping[str, str]:
    """A repeat of the request hears how long it still is."""
    if again_at is None:
        return {}
    seconds = (datetime.fromisoformat(again_at) - clock.utc_now()).total_seconds()
    return {"retry-after": str(max(1, ceil(seconds)))}


def unauthenticated(detail: str) -> Problem:
    return Problem(
        401, "unauthenticated", "A valid access token is needed", detail, headers={"www-authenticate": "Bearer"}
    )


def invalid(found: Iterable[Mapping[str, Any]]) -> Problem:
    """422 from pydantic's list of errors: where, what is wrong, and pydantic's name for it."""
    told = [{"pointer": _pointer(error["loc"]), "detail": error["msg"], "code": error["type"]} for error in found]
    return Problem(422, "invalid-request", "The request does not fit its description", errors=told[:50])


def invalid_body(error: ValidationError) -> Problem:
    """422 for a body that a lean route parsed itself."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return invalid({**one, "loc": ("body", *one["loc"])} for one in found)


def _pointer(location: Iterable[Any]) -> str:
    """`body/topics/0`; a part longer than 64 characters is cut: it is the caller's text."""
    return "/".join(str(part)[:64] for part in location)


def _busy(error: Busy) -> Problem:
    wait = {"retry-after": str(max(1, round(error.retry_after)))}
    return Problem(503, "busy", "Too much is waiting", "Try again a little later.", headers=wait)


def _unknown(error: Exception) -> Problem:
    told = "Repeat the request with the same Idempotency-Key to learn the outcome."
    return Problem(503, "outcome-unknown", "The outcome is not known yet", told, headers=_SOON)


def _mismatch(error: Exception) -> Problem:
    told = "This Idempotency-Key came with another body."
    return Problem(422, "idempotency-key-reused", "The key was used before", told)


def _no_database(error: Exception) -> Problem:
    return Problem(503, "database-unavailable", "The database is not available now", headers=_SOON)


_TOLD: Mapping[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda error: error,
    HTTPException: _plain,
    RequestValidationError: lambda error: invalid(error.errors()),
    InvalidToken: lambda error: unauthenticated(str(error)),
    KeysUnavailable: lambda _: Problem(503, "issuer-unavailable", "Tokens cannot be checked now", headers=_SOON),
    Busy: _busy,
    Unknown: _unknown,
    Mismatch: _mismatch,
    Failed: lambda _: Problem(500, "decision-failed", "Something went wrong here", "Nothing was changed."),
    Unstorable: lambda error: Problem(422, "unstorable", "This cannot be stored", str(error)),
    errors.ConnectionFailure: _no_database,
    errors.WTimeoutError: _no_database,
}

EXPECTED: tuple[type[Exception], ...] = (RefusedCommand, *_TOLD)
"""What `problem_for` knows; everything else is a defect."""
