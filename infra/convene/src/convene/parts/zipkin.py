"""Zipkin: takes traces over HTTP, keeps them in memory, and shows them on a page."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from convene.parts.jars import zipkin_jar
from convene.parts.java import SMALL, java
from convene.parts.ports import LOOPBACK, accepts
from convene.parts.running import Running

MOST_SPANS = 100_000
"""Kept in memory; the oldest traces go first."""


def page(port: int) -> str:
    """Where people look at traces."""
    return f"http://{LOOPBACK}:{port}/zipkin/"


def intake(port: int) -> str:
    """Where services send their spans."""
    return f"http://{LOOPBACK}:{port}/api/v2/spans"


async def start_zipkin(port: int, *, log: Path, env: Mapping[str, str]) -> Running:
    """Start Zipkin on 127.0.0.1:``port``; returns when it takes spans. Raises Unavailable when that is not to be had.

    ``env``: nothing that it would take for settings of its own, such as STORAGE_TYPE.
    """
    jar = await asyncio.to_thread(zipkin_jar)
    # its own QUERY_PORT would open the port on every address
    listening = {"ip": LOOPBACK, "port": str(port), "protocols[0]": "http"}
    running = Running(
        "zipkin",
        [
            java(),
            *SMALL,
            *(f"-Darmeria.ports[0].{name}={value}" for name, value in listening.items()),
            f"-Dzipkin.storage.mem.max-spans={MOST_SPANS}",
            "-jar",
            str(jar),
        ],
        address=page(port),
        ready=lambda: accepts(LOOPBACK, port),
        log=log,
        env=env,
    )
    await running.start()
    return running
