"""What people with offers and leaders ask, against a server that says what they see."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chassis import clock
from convene.load.ledger import Line
from convene.load.setting import Field, Setting
from convene.load.watch import Watch
from testkit import eventually

FIELD = Field("g", "host", ["e1"], ["a", "b"], [])
OFFERS = Setting(events=1, members=2, requests=1, capacity=4, promotion="offer", patience=10.0, double=0, repeat=0)


@dataclass(slots=True)
class Event:
    """One event as a server has it. offers, waiting: members by offer, or in line; asked: method, path and body.

    holds: seconds that offers hold from when they are seen.
    """

    mode: str = "offer"
    offers: dict[str, str] = field(default_factory=dict)
    holds: float = 3600.0
    waiting: list[str] = field(default_factory=list)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, self._seen(path)
        self.asked.append((method, path, body))
        if path.startswith("/v1/offers/"):
            known = self.offers.pop(path.split("/")[3], None)
            return (409, {}) if known is None else (200, {"status": "yes", "seq": 9})
        if path.endswith("/promote"):
            self.waiting.pop(0)
        return 200, {"status": "yes", "seq": 9}

    def _seen(self, path: str) -> Any:
        if "waitlist" in path:
            return {"items": [{"member_id": member} for member in self.waiting]}
        if "status=offered" in path:
            told = [{"offer_id": offer, "member_id": member} for offer, member in self.offers.items()]
            until = (clock.utc_now() + timedelta(seconds=self.holds)).isoformat()
            return {"items": [{**one, "event_id": "e1", "offer_expires_at": until} for one in told]}
        if "status=yes" in path:
            return {"items": [{"member_id": "a"}]}
        return {"promotion": {"mode": self.mode}, "capacity": 4, "version": 7}


@asynccontextmanager
async def serving(event: Event) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
            except (asyncio.IncompleteReadError, ConnectionResetError):
                break
            method, path, _ = head.split(" ", 2)
            length = int(head.split("content-length: ")[1].split("\r\n")[0]) if "content-length" in head else 0
            body = await reader.readexactly(length)
            status, told = event.answer(method, path, json.loads(body or b"null"))
            answer = json.dumps(told).encode()
            writer.write(b"HTTP/1.1 %d Said\r\ncontent-length: %d\r\n\r\n%b" % (status, len(answer), answer))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def watched(event: Event, setting: Setting, enough: Callable[[list[Line]], bool]) -> list[Line]:
    """What was asked until it was enough, and then at the end."""
    heard: list[Line] = []
    async with serving(event) as url:
        over = asyncio.Event()
        watch = Watch([url, url], setting, FIELD, lambda _: "token", heard.append)
        playing = asyncio.create_task(watch.play(over))
        try:
            await eventually(lambda: enough(heard), within=30)
        finally:
            over.set()
            lines = await playing
    assert sorted(line.key for line in lines) == sorted(line.key for line in heard)
    return lines


async def test_an_offer_is_claimed_once_by_its_member() -> None:
    event = Event(offers={"e1.3": "a", "e1.4": "b"})
    lines = await watched(event, replace(OFFERS, claim=1, decline=0, seed=2), lambda heard: len(heard) == 2)
    assert sorted(path for _, path, _ in event.asked) == ["/v1/offers/e1.3/accept", "/v1/offers/e1.4/accept"]
    assert {(line.asker, line.offer, line.outcome, line.seq) for line in lines} == {
        ("a", "e1.3", "accepted", 9),
        ("b", "e1.4", "accepted", 9),
    }


async def test_an_offer_is_declined() -> None:
    lines = await watched(Event(offers={"e1.3": "a"}), replace(OFFERS, claim=0, decline=1), bool)
    assert [(line.act, line.path) for line in lines] == [("decline", "/v1/offers/e1.3/decline")]


async def test_some_come_at_the_last_moment() -> None:
    event = Event(offers={f"e1.{number}": "a" for number in range(3, 23)}, holds=2.0)
    lines = await watched(event, replace(OFFERS, claim=1, decline=0), lambda heard: len(heard) == 20)
    first = min(line.due for line in lines)
    assert 1 <= sum(line.due > first + 0.5 for line in lines) < 20


async def test_at_the_end_everybody_claims_what_is_left() -> None:
    """Nobody answers meanwhile; but for those who were seen then, and let their offers expire."""
    event = Event()
    async with serving(event) as url:
        over = asyncio.Event()
        over.set()
        watch = Watch([url], replace(OFFERS, claim=0, decline=0), FIELD, lambda _: "token", lambda _: None)
        event.offers["e1.9"] = "b"
        lines = await watch.play(over)
    assert [(line.act, line.asker, line.outcome) for line in lines] == [("accept", "b", "accepted")]


async def test_a_leader_lets_in_the_first_in_line() -> None:
    event = Event(mode="manual", waiting=["b", "a"])
    lines = await watched(event, replace(OFFERS, promotion="manual"), lambda heard: len(heard) == 2)
    assert [(line.act, line.member_id, line.asker, line.override) for line in lines] == [
        ("promote", "b", "host", False),
        ("promote", "a", "host", False),
    ]
    assert event.asked[0] == ("POST", "/v1/events/e1/waitlist/b/promote", {"override": False})


async def test_leaders_do_everything_by_hand() -> None:
    """Also edit the capacity of the version that they saw, between half and twice the first one."""
    event = Event(waiting=["b"] * 1000)
    lines = await watched(event, replace(OFFERS, lead=1, seed=12), lambda heard: len({one.act for one in heard}) == 4)
    edits = [line for line in lines if line.act == "capacity"]
    assert all((line.version, line.method, line.path) == (7, "PATCH", "/v1/events/e1") for line in edits)
    assert all(2 <= line.capacity <= 8 and line.capacity != 4 for line in edits)
    assert len({line.key for line in lines}) == len(lines)
