"""Routes for the hot path: matched before the framework, parsed and answered by their own function."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import Path
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import Route
from starlette.types import ASGIApp

from chassis.http.caller import Me
from chassis.http.incoming import Incoming

Endpoint = Callable[[Incoming], Awaitable[ASGIApp]]


class LeanRoute(Route):
    """A plain route that also says what OpenAPI should tell about it.

    body, answer: the models of request and answer; responses: others; path parameters are texts.
    """

    def __init__(
        self,
        path: str,
        endpoint: Endpoint,
        *,
        method: str,
        body: type[BaseModel],
        answer: type[BaseModel],
        summary: str,
        tags: Sequence[str] = (),
        responses: Mapping[int | str, dict[str, Any]] = MappingProxyType({}),
    ) -> None:
        super().__init__(path, endpoint, methods=[method], include_in_schema=False)
        self.method = method
        self.answer_to: Endpoint = endpoint
        self._body, self._answer, self._summary, self._tags = body, answer, summary, tags
        self._responses = responses

    def described(self) -> APIRoute:
        """The same route in the framework's words: it is shown in OpenAPI and never serves."""

        async def shown(**_: Any) -> None:
            return None

        parameters = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[str, Path()])
            for name in self.param_convertors
        ]
        parameters.append(inspect.Parameter("body", inspect.Parameter.KEYWORD_ONLY, annotation=self._body))
        parameters.append(inspect.Parameter("caller", inspect.Parameter.KEYWORD_ONLY, annotation=Me))
        shown.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # read by inspect
        return APIRoute(
            self.path_format,
            shown,
            methods=[self.method],
            response_model=self._answer,
            responses={
                201: {"model": self._answer, "description": "Made"},
                415: {"description": "The body must be JSON"},
                **self._responses,
            },
            summary=self._summary,
            tags=list(self._tags),
            name=getattr(self.endpoint, "__name__", "lean"),
        )
