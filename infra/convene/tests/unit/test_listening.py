"""A reader of the stream says why nothing more comes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx2
import pytest

from convene.acting.listening import happens, listening
from convene.acting.platform import Platform
from convene.issuer.keys import signing_key
from convene.parts.trouble import Unavailable

RSVP = 'id: p1\ndata: {"rsvp_id": 1}\n\n'


def platform(tmp_path: Path, answers: Sequence[httpx2.Response]) -> Platform:
    """Whose stream gives these answers in turn, the last of them again and again."""
    left = list(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        return left.pop(0) if len(left) > 1 else left[0]

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return Platform(http, signing_key(tmp_path / "issuer.json"), "http://issuer", {"stream": "http://stream"})


async def test_who_is_refused_hears_it(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="answers 403"):
        async with listening(platform(tmp_path, [httpx2.Response(403)]), lambda rsvp: None):
            pass


async def test_one_reader_too_many_waits_for_its_turn(tmp_path: Path) -> None:
    turn = [httpx2.Response(429, headers={"retry-after": "0"}), httpx2.Response(503), httpx2.Response(200, text=RSVP)]
    async with listening(platform(tmp_path, turn), lambda rsvp: None) as heard:
        assert await happens(heard.arrived, heard, within=10)
    assert heard.rsvps[0] == {"rsvp_id": 1}


async def test_what_cannot_be_shown_ends_the_reading(tmp_path: Path) -> None:
    def show(rsvp: object) -> None:
        raise ValueError("not to be shown")

    with pytest.raises(ValueError, match="not to be shown"):
        async with listening(platform(tmp_path, [httpx2.Response(200, text=RSVP)]), show) as heard:
            await happens(asyncio.Event(), heard)


async def test_who_did_not_look_hears_it_at_the_end(tmp_path: Path) -> None:
    turn = [httpx2.Response(200, text=RSVP), httpx2.Response(410)]
    with pytest.raises(Unavailable, match="answers 410"):
        async with listening(platform(tmp_path, turn), lambda rsvp: None) as heard:
            await asyncio.wait([heard.ended], timeout=30)
