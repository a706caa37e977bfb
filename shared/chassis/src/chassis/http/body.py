"""Request bodies."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.http.incoming import Incoming
from chassis.http.problems import Problem, invalid_body

M = TypeVar("M", bound=BaseModel)
_JSON = "application/json"


class Body(BaseModel):
    """A request's body: unknown fields are refused; NaN, infinity, `true` and "1" are not numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


async def parse(request: Incoming, model: type[M]) -> M:
    """The JSON body of a lean route's request. Raises Problem 415 or 422."""
    said = request.headers.get("content-type") or ""
    media_type = said if said == _JSON else said.partition(";")[0].strip().lower()
    if media_type != _JSON and not media_type.endswith("+json"):
        raise Problem(415, "unsupported-media-type", "The body must be JSON", "Send content-type: application/json.")
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise invalid_body(error) from None
