"""Request bodies."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from chassis.http.problems import Problem, invalid_body

M = TypeVar("M", bound=BaseModel)


class Body(BaseModel):
    """A request's body: unknown fields are refused, NaN and infinity are not numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


async def parse(request: Request, model: type[M]) -> M:
    """The JSON body of a lean route's request. Raises Problem 415 or 422."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise Problem(415, "unsupported-media-type", "The body must be JSON", "Send content-type: application/json.")
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise invalid_body(error) from None
