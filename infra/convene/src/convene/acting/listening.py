"""A reader of the public stream: what any product would run."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from convene.acting.platform import Json, Platform
from convene.parts.trouble import Unavailable

SSE = {"accept": "text/event-stream"}
OPEN_S = 60.0
AGAIN_S = 0.3


@dataclass(slots=True)
class Heard:
    """What came, in order, and where to go on. ended: raises why nothing more comes."""

    ended: asyncio.Future[None]
    rsvps: list[Json] = field(default_factory=list)
    position: str = ""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, event_id: str) -> list[Json]:
        return [rsvp for rsvp in self.rsvps if rsvp["event"]["event_id"] == event_id]

    def take(self, id_: str, data: str) -> Json | None:
        """One message of the stream; its id is the position to resume from."""
        if id_:
            self.position = id_
        if not data:
            return None
        rsvp: Json = json.loads(data)
        self.rsvps.append(rsvp)
        self.arrived.set()
        return rsvp


@asynccontextmanager
async def listening(platform: Platform, show: Callable[[Json], None]) -> AsyncIterator[Heard]:
    """Read from now on in the background, reconnecting with the last position; open when this is entered.

    Raises Unavailable when the stream refuses, or does not open within a minute.
    """
    opened = asyncio.Event()
    heard = Heard(asyncio.get_running_loop().create_future())
    reading = asyncio.create_task(_read_on(platform, heard, opened, show))
    try:
        if not await happens(opened, heard, within=OPEN_S):
            raise Unavailable(f"The stream did not open within {OPEN_S:g} s; `convene status` says what runs.")
        yield heard
        if heard.ended.done():
            heard.ended.result()
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        if not heard.ended.cancel():
            heard.ended.exception()


async def happens(event: asyncio.Event, heard: Heard, *, within: float | None = None) -> bool:
    """Wait for it, as long as something can come; whether it happened. Raises what ended the reading."""
    waiting: asyncio.Future[Any] = asyncio.create_task(event.wait())
    try:
        await asyncio.wait({waiting, heard.ended}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if not event.is_set() and heard.ended.done():
        heard.ended.result()
    return event.is_set()


async def _read_on(platform: Platform, heard: Heard, opened: asyncio.Event, show: Callable[[Json], None]) -> None:
    try:
        await _read(platform, heard, opened, show)
    except Exception as error:  # noqa: BLE001 - whatever it is, who waits is told
        heard.ended.set_exception(error)


async def _read(platform: Platform, heard: Heard, opened: asyncio.Event, show: Callable[[Json], None]) -> None:
    url = f"{platform.addresses['stream']}/v2/stream/rsvps"
    while True:
        headers = {**SSE, "last-event-id": heard.position} if heard.position else SSE
        pause = AGAIN_S
        try:
            async with platform.http.stream("GET", url, headers=headers, timeout=60) as answer:
                if answer.status_code == 429 or answer.status_code >= 500:
                    pause = float(answer.headers.get("retry-after", AGAIN_S))
                elif answer.is_error:
                    raise Unavailable(f"The stream answers {answer.status_code}, and would again.")
                else:
                    opened.set()
                    async for id_, data in _frames(answer):
                        rsvp = heard.take(id_, data)
                        if rsvp is not None:
                            show(rsvp)
        except httpx2.TransportError:
            pass
        await asyncio.sleep(pause)


async def _frames(answer: httpx2.Response) -> AsyncIterator[tuple[str, str]]:
    """(id, data) of each `message`; comments and other kinds carry at most a position."""
    id_, data, kind = "", "", "message"
    async for line in answer.aiter_lines():
        if not line:
            yield id_, data if kind == "message" else ""
            id_, data, kind = "", "", "message"
        elif line.startswith("id:"):
            id_ = line[3:].strip()
        elif line.startswith("data:"):
            data += line[5:].strip()
        elif line.startswith("event:"):
            kind = line[6:].strip()
