"""A connection that is reset between two turns of the loop, as when a broker is killed."""

import asyncio
import socket
import struct
from collections.abc import Iterator

import pytest
import uvloop
from aiokafka import client, conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from chassis import kafka_connection
from chassis.kafka_connection import Connection

RESET = struct.pack("ii", 1, 0)
VERSIONS = {MetadataRequest.API_KEY: (0, 8)}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        found.listen()
        yield found


async def asked_until_it_fails(connection: conn.AIOKafkaConnection, listener: socket.socket) -> type[BaseException]:
    """What the first request raises, at once, after the other side has reset the connection."""
    connecting = asyncio.create_task(connection.connect())
    accepted, _ = await asyncio.to_thread(listener.accept)
    await asyncio.to_thread(accepted.recv, 1)
    connection._versions = VERSIONS
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    accepted.close()
    waiting: list[asyncio.Future[object]] = [connecting]
    try:
        async with asyncio.timeout(10):
            while True:
                waiting.append(asyncio.ensure_future(connection.send(MetadataRequest(None))))
                await asyncio.sleep(0)
    except RuntimeError as error:
        return type(error)
    finally:
        connection.close()
        await asyncio.gather(*waiting, return_exceptions=True)


def after_a_reset(made: type[conn.AIOKafkaConnection], listener: socket.socket) -> type[BaseException]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_made_and_asked(made, listener))


async def _made_and_asked(made: type[conn.AIOKafkaConnection], listener: socket.socket) -> type[BaseException]:
    return await asked_until_it_fails(made("127.0.0.1", listener.getsockname()[1], request_timeout_ms=5_000), listener)


def test_a_request_on_a_reset_connection_fails_as_clients_expect_it(listener: socket.socket) -> None:
    assert after_a_reset(Connection, listener) is KafkaConnectionError


def test_aiokafka_alone_does_not_say_so_yet(listener: socket.socket) -> None:
    assert after_a_reset(conn.AIOKafkaConnection, listener) is RuntimeError, "chassis.kafka_connection can go"


def test_every_client_of_a_process_connects_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conn, "AIOKafkaConnection", conn.AIOKafkaConnection)  # put back afterwards
    kafka_connection.use()
    assert client.create_conn.__globals__["AIOKafkaConnection"] is Connection
