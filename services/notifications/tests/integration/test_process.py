"""The service as a process of its own: set up, started without Kafka and mail server, told to stop."""

import asyncio
import signal

from httpx2 import AsyncClient

from convene.parts.ports import free_port
from testkit import KafkaServer, MongoServer, eventually
from testkit.issuer import ISSUER
from testkit.running import heard, is_ready, program, set_up

from .conftest import Service


async def test_it_starts_and_stops_while_kafka_and_the_mail_server_are_away(
    service: Service, mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    port, nobody = free_port(), free_port()
    async with mongo_server.database() as url:
        environment = {
            "MONGO_URL": url,
            "OIDC_ISSUER": ISSUER,
            "OIDC_JWKS_URL": service.settings.oidc_jwks_url or "",
            "HTTP_PORT": str(port),
            "CONTACT_KEY": service.settings.contact_key.get_secret_value(),
            "SMTP_URL": f"smtp://127.0.0.1:{nobody}",
        }
        prepare = {
            **environment,
            "KAFKA_BOOTSTRAP": kafka_server.bootstrap,
            "TOPIC_PREFIX": service.settings.topic_prefix,
        }
        await set_up("notifications_service", **prepare)
        async with (
            program("notifications_service", **environment, KAFKA_BOOTSTRAP=f"127.0.0.1:{nobody}") as process,
            heard(process),
            AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
        ):
            await eventually(lambda: is_ready(client), within=60)
            assert {"journal", "relay", "consumer"} <= (await client.get("/health/progress")).json().keys()
            described = (await client.get("/openapi.json")).json()
            assert {"/v1/inbox", "/v1/contact-points"} <= described["paths"].keys()
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_a_word_that_is_no_role_is_refused() -> None:
    async with program("notifications_service", "stream") as process:
        _, said = await process.communicate()
        assert (process.returncode, "usage" in said.decode()) == (2, True)
