"""The service as a process of its own: set up, started without Kafka, told to stop."""

import asyncio
import signal

from httpx2 import AsyncClient

from convene.parts.ports import free_port
from testkit import KafkaServer, MongoServer, eventually
from testkit.issuer import ISSUER
from testkit.running import is_ready, program, set_up

from .conftest import JC_MOMS, Person, Service


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
        await set_up("groups_service", **prepare)
        async with (
            program("groups_service", "api", "relay", **environment, KAFKA_BOOTSTRAP=f"127.0.0.1:{nobody}") as process,
            AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        ):
            await eventually(lambda: is_ready(client), within=30)
            made = await Person(client, "olga")("POST", "/groups", JC_MOMS)
            assert made.status_code == 201, made.text
            assert "journal" in (await client.get("/health/progress")).json()
            assert (await client.get("/openapi.json")).json()["info"]["title"] == "Convene groups"
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 25) == 0


async def test_a_word_that_is_no_role_is_refused() -> None:
    async with program("groups_service", "stream") as process:
        _, said = await process.communicate()
        assert (process.returncode, "usage" in said.decode()) == (2, True)
