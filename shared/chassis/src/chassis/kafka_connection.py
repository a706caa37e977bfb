"""Connections to Kafka that survive their end under uvloop.

A transport of uvloop that was reset refuses what is written to it with a RuntimeError, for the moment until its reader
hears of it; asyncio's own drops it in silence. aiokafka expects an OSError there. Anything else ends the task of its
client that keeps the metadata, unnoticed, and whoever waits for metadata then waits for ever.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka import conn
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError, KafkaError


class Connection(AIOKafkaConnection):  # type: ignore[misc]  # aiokafka's connections have no types
    """One that is broken when its transport is closed, and says so as aiokafka expects it."""

    def send(self, request: Any, expect_response: bool = True) -> Any:
        with self._broken_when_closed():
            return super().send(request, expect_response)

    def _send_sasl_token(self, payload: bytes, expect_response: bool = True) -> Any:
        with self._broken_when_closed():
            return super()._send_sasl_token(payload, expect_response)

    @contextmanager
    def _broken_when_closed(self) -> Iterator[None]:
        try:
            yield
        except KafkaError:
            raise  # a RuntimeError too
        except RuntimeError as error:
            self.close(reason=CloseReason.CONNECTION_BROKEN, exc=error)
            raise KafkaConnectionError(f"{self.host}:{self.port} is closed") from error


def use() -> None:
    """From now on every client of the process connects so: aiokafka has no other place to say which."""
    conn.AIOKafkaConnection = Connection
