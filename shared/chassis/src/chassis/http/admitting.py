"""What every route but a lean one asks of a request first: a token that is sent is good, a body that is sent is
wanted."""

from typing import Final

from pydantic import ValidationError
from starlette.requests import Request

from chassis.http.body import Body
from chassis.http.caller import caller_of
from chassis.http.problems import invalid_body

WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class _Nothing(Body):
    """No field is known."""


async def admitted(request: Request) -> None:
    """A dependency. Where a route that changes something takes no body, what is sent is empty or `{}`; it is read all
    the same, since it is part of what an Idempotency-Key was used for.

    Raises Problem 401, 413 or 422, InvalidToken, KeysUnavailable.
    """
    caller = await caller_of(request)
    if request.method not in WRITES or request.scope["route"].body_field is not None:
        return
    sent = (await request.body()).strip()
    # whom nobody knows is told that, by the route: what they send is nobody's concern
    if caller is None or not sent:
        return
    try:
        _Nothing.model_validate_json(sent)
    except ValidationError as error:
        raise invalid_body(error) from None
