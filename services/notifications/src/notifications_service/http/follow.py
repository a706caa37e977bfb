"""The inbox as a stream of server-sent events.

Each open stream looks at the newest lines of one member once a second: a small range of one index, and a line that
comes in late over another topic is found as well.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from pydantic_core import to_json
from starlette.responses import StreamingResponse

from chassis import clock
from chassis.health import Health
from chassis.mongo import Database
from notifications_service.texts import Texts
from notifications_service.views.inbox import later, newest, these

LOOK_SECONDS = 1.0
BEAT_LOOKS = 15
WINDOW = 200
"""How far back a look goes; of more lines than that at once, the older ones are fetched in pages."""


class EventStream(StreamingResponse):
    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[str], status_code: int = 200) -> None:  # FastAPI reads the default
        super().__init__(content, status_code, headers={"cache-control": "no-store", "x-accel-buffering": "no"})


async def follow(
    database: Database, texts: Texts, health: Health, member_id: str, seen: str | None, *, seconds: float
) -> AsyncIterator[str]:
    """Lines newer than `seen` (a line's id), or than now; for so many seconds, unless the client leaves or the process
    stops."""
    until = clock.monotonic() + seconds
    window = await newest(database, member_id, limit=WINDOW)
    known = {id_ for id_ in window if seen is None or id_ <= seen}
    last = max(known, default=seen or "")
    yield "retry: 2000\n\n"
    looks = 0
    while not health.stopping and (left := until - clock.monotonic()) > 0:
        window = await newest(database, member_id, limit=WINDOW)
        if len(window) == WINDOW and window[-1] > last:
            # there may be lines between the last one sent and the window: those come first, in order
            page = await later(database, member_id, last, limit=WINDOW)
            yield await _told(database, texts, page)
            known = {*known, *page}
            last = max([last, *page])
            continue
        fresh = [id_ for id_ in window if id_ not in known]
        if fresh:
            yield await _told(database, texts, fresh)
        known = set(window)
        last = max([last, *fresh])
        looks += 1
        if looks % BEAT_LOOKS == 0:
            yield ": still here\n\n"
        try:
            async with asyncio.timeout(min(LOOK_SECONDS, left)):
                await health.until_stopping()
        except TimeoutError:
            continue


async def _told(database: Database, texts: Texts, ids: Sequence[str]) -> str:
    lines = await these(database, texts, ids)
    return "".join(f"id: {line.id}\ndata: {to_json(line.shown()).decode()}\n\n" for line in lines)
