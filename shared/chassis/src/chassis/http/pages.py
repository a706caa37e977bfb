"""Lists in pages: keyset cursors, so that a page never repeats or skips what was there before it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query
from pydantic import BaseModel
from pydantic_core import from_json, to_json
from starlette.requests import Request
from starlette.responses import Response

from chassis.http.problems import Problem

T = TypeVar("T")
Key = str | int | float | bool | datetime | None
MAX_LIMIT = 100


class Page(BaseModel, Generic[T]):
    """A part of a list. `next_cursor` is absent on the last one."""

    items: list[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class PageAsked:
    """limit: 1 to 100; after: the sort key of the last item of the page before, or None for the first page."""

    limit: int
    after: tuple[Key, ...] | None

    @property
    def fetch(self) -> int:
        """How many to read: one more than are shown tells whether there is a next page."""
        return self.limit + 1

    def answer(
        self,
        request: Request,
        found: Sequence[T],
        key: Callable[[T], Sequence[Key]],
        shown: Callable[[T], Any],
        *,
        beside: Mapping[str, Any] | None = None,
    ) -> Response:
        """The page of up to `limit` of what was found.

        key: an item's whole sort key, ending in something unique; shown: the item as JSON values or a model; beside:
        what the page says beside its items.
        """
        items = found[: self.limit]
        page: dict[str, Any] = {"items": [shown(item) for item in items], **(beside or {})}
        headers = {}
        if len(found) > self.limit:
            page["next_cursor"] = cursor = encode(key(items[-1]))
            query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
            headers["link"] = f'<{request.url.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'
        return Response(to_json(page), headers=headers, media_type="application/json")


def encode(key: Sequence[Key]) -> str:
    """An opaque text that names a place in a list."""
    parts = [{"at": part.isoformat()} if isinstance(part, datetime) else part for part in key]
    return urlsafe_b64encode(to_json(parts)).decode().rstrip("=")


def decode(cursor: str) -> tuple[Key, ...]:
    """The sort key that a cursor holds: only plain values that MongoDB can compare. Raises Problem 400."""
    try:
        return _parts(from_json(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), allow_inf_nan=False))
    except (ValueError, TypeError, OverflowError):
        raise Problem(
            400, "invalid-cursor", "The cursor is not one of ours", "Use next_cursor as it was given."
        ) from None


def _parts(held: Any) -> tuple[Key, ...]:
    if not isinstance(held, list) or len(held) > 8:
        raise TypeError("not a list")
    return tuple(_plain(part) for part in held)


def _plain(part: Any) -> Key:
    if isinstance(part, dict):
        if set(part) != {"at"}:
            raise TypeError("not an instant")
        at = datetime.fromisoformat(part["at"])
        if at.tzinfo is None:
            raise TypeError("not an instant")
        return at.astimezone(UTC)
    if isinstance(part, int) and not -(2**63) <= part < 2**63:
        raise OverflowError("more than 64 bits")
    if part is None or isinstance(part, str | int | float):
        return part
    raise TypeError("not a plain value")


async def _asked(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20, cursor: Annotated[str | None, Query(max_length=2048)] = None
) -> PageAsked:
    return PageAsked(limit, None if cursor is None else decode(cursor))


Paging = Annotated[PageAsked, Depends(_asked)]
"""The page that the query asks for."""
