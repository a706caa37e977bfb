"""A reader of the public stream: what any product would run."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2

from convene.acting.platform import Json, Platform

SSE = {"accept": "text/event-stream"}


@dataclass(slots=True)
class Heard:
    """What came, in order, and where to go on."""

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
    """Read from now on in the background, reconnecting with the last position; open when this is entered."""
    heard = Heard()
    opened = asyncio.Event()
    reading = asyncio.create_task(_read(platform, heard, opened, show))
    try:
        await asyncio.wait_for(opened.wait(), 60)
        yield heard
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _read(platform: Platform, heard: Heard, opened: asyncio.Event, show: Callable[[Json], None]) -> None:
    url = f"{platform.addresses['stream']}/v2/stream/rsvps"
    while True:
        headers = {**SSE, "last-event-id": heard.position} if heard.position else SSE
        try:
            async with platform.http.stream("GET", url, headers=headers, timeout=60) as answer:
                answer.raise_for_status()
                opened.set()
                async for id_, data in _frames(answer):
                    rsvp = heard.take(id_, data)
                    if rsvp is not None:
                        show(rsvp)
        except httpx2.TransportError:
            await asyncio.sleep(0.3)


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
