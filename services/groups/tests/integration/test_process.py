"""The service as a process of its own: set up, started without Kafka, told to stop."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

from httpx2 import AsyncClient, HTTPError

from testkit import KafkaServer, MongoServer, eventually

from .conftest import ISSUER, JC_MOMS, Person, Service


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def program(*words: str, **environment: str) -> AsyncIterator[Process]:
    path = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "groups_service", *words, env={**path, **environment}, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_api_alone_takes_groups_while_kafka_is_away(
    service: Service, mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    port, nobody = free_port(), free_port()
    jwks = service.settings.oidc_jwks_url or ""
    async with mongo_server.database() as url:
        environment = {"MONGO_URL": url, "OIDC_ISSUER": ISSUER, "OIDC_JWKS_URL": jwks, "HTTP_PORT": str(port)}
        prepare = {
            **environment,
            "KAFKA_BOOTSTRAP": kafka_server.bootstrap,
            "TOPIC_PREFIX": service.settings.topic_prefix,
        }
        async with program("setup", **prepare) as setup:
            _, said = await setup.communicate()
            assert setup.returncode == 0, said.decode()
        async with (
            program("api", "relay", **environment, KAFKA_BOOTSTRAP=f"127.0.0.1:{nobody}") as process,
            AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        ):

            async def ready() -> bool:
                try:
                    return (await client.get("/health/ready")).status_code == 200
                except HTTPError:
                    return False

            await eventually(ready, within=30)
            made = await Person(client, "olga")("POST", "/groups", JC_MOMS)
            assert made.status_code == 201, made.text
            assert "journal" in (await client.get("/health/progress")).json()
            assert (await client.get("/openapi.json")).json()["info"]["title"] == "Convene groups"
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 25) == 0


async def test_a_word_that_is_no_role_is_refused() -> None:
    async with program("stream") as process:
        _, said = await process.communicate()
        assert (process.returncode, "usage" in said.decode()) == (2, True)
