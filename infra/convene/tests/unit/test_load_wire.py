"""The lean client: whole answers in any pieces, and a cut is never taken for an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from convene.load.wire import Connection, Cut, change

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
BODY = b'{"response":"yes","guests":1}'
REQUEST = change("PUT", "/v1/events/e/rsvp", "token", "key", BODY)


@asynccontextmanager
async def serving(*answers: list[bytes]) -> AsyncIterator[str]:
    """Each request is answered by the next list, piece by piece; an empty one cuts the connection."""
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await _request(reader):
            pieces = left.pop(0)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if not pieces:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _request(reader: asyncio.StreamReader) -> bool:
    try:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(len(BODY))
    except asyncio.IncompleteReadError:
        return False
    return True


async def test_answers_come_in_any_pieces() -> None:
    pieces = [bytes([byte]) for byte in OK]
    async with serving([OK], pieces, [OK[:20], OK[20:]]) as url:
        connection = Connection(url)
        for _ in range(3):
            answer = await connection.send(REQUEST, 5)
            assert (answer.status, answer.body, answer.retry_after) == (200, b"{}", None)
        connection.close()


async def test_it_says_when_to_come_again() -> None:
    async with serving([b"HTTP/1.1 503 Busy\r\nretry-after: 2\r\ncontent-length: 0\r\n\r\n"]) as url:
        connection = Connection(url)
        answer = await connection.send(REQUEST, 5)
        assert (answer.status, answer.retry_after) == (503, 2.0)
        connection.close()


async def test_after_a_cut_it_connects_again() -> None:
    async with serving([], [OK], [OK[:-1]], [OK]) as url:
        connection = Connection(url)
        with pytest.raises(Cut):
            await connection.send(REQUEST, 5)
        assert (await connection.send(REQUEST, 5)).status == 200
        with pytest.raises(TimeoutError):
            await connection.send(REQUEST, 0.05)
        assert (await connection.send(REQUEST, 5)).status == 200
        connection.close()


async def test_a_server_that_is_not_there_is_a_cut() -> None:
    async with serving() as url:
        pass
    with pytest.raises(Cut):
        await Connection(url).send(REQUEST, 5)
