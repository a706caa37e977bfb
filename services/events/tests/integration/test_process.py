"""The service as a process of its own: set up, started without Kafka, told to stop."""

import asyncio
import json
import signal
from itertools import repeat
from urllib.parse import urlsplit

from aiokafka import AIOKafkaProducer
from httpx2 import AsyncClient
from services.events.tests.cutting import Cutter

from chassis import journal
from chassis.mongo import connect
from chassis.relay.position import Position
from convene.parts.ports import free_port
from events_service.store import schema
from testkit import KafkaServer, MongoServer, eventually
from testkit.issuer import ISSUER
from testkit.running import heard, is_ready, program, set_up

from .running import Service


async def test_all_roles_start_and_stop_while_kafka_is_away(
    service: Service, mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    port, stream_port, nobody = free_port(), free_port(), free_port()
    async with mongo_server.database() as url:
        environment = {
            "MONGO_URL": url,
            "OIDC_ISSUER": ISSUER,
            "OIDC_JWKS_URL": service.settings.oidc_jwks_url or "",
            "HTTP_PORT": str(port),
            "STREAM_PORT": str(stream_port),
        }
        prepare = {
            **environment,
            "KAFKA_BOOTSTRAP": kafka_server.bootstrap,
            "TOPIC_PREFIX": service.settings.topic_prefix,
        }
        await set_up("events_service", **prepare)
        async with (
            program("events_service", **environment, KAFKA_BOOTSTRAP=f"127.0.0.1:{nobody}") as process,
            heard(process),
            AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
            AsyncClient(base_url=f"http://127.0.0.1:{stream_port}", timeout=60) as stream,
        ):
            await eventually(lambda: is_ready(client), within=60)
            unready = await stream.get("/health/ready")
            assert (unready.status_code, unready.json()["checks"]) == (503, {"process": "ok", "stream": "failing"})
            assert {"journal", "relay", "consumer", "stream"} <= (await client.get("/health/progress")).json().keys()
            described = (await client.get("/openapi.json")).json()
            assert {"/v1/events/{event_id}/rsvp", "/v1/groups/{group_id}/events"} <= described["paths"].keys()
            assert {"put", "get"} <= described["paths"]["/v1/events/{event_id}/rsvp"].keys()
            assert "events.rsvp.v1" in (await client.get("/asyncapi")).text
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_a_word_that_is_no_role_is_refused() -> None:
    async with program("events_service", "cook") as process:
        _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode().startswith("usage: python -m events_service")


async def test_a_process_does_not_start_on_a_database_that_is_not_prepared(mongo_server: MongoServer) -> None:
    async with (
        mongo_server.database() as url,
        program("events_service", "api", MONGO_URL=url, OIDC_ISSUER=ISSUER, HTTP_PORT="0") as process,
    ):
        out, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert "setup" in (out + said).decode()


async def test_a_process_that_starts_before_its_database_lives_and_waits_for_it(mongo_server: MongoServer) -> None:
    port, door = free_port(), free_port()
    async with mongo_server.database() as url:
        database = connect(url)
        await journal.prepare(database)
        await schema.prepare(database)
        database.close()
        there = urlsplit(url)
        behind = there._replace(netloc=there.netloc.replace(f":{there.port}", f":{door}"))
        async with (
            program(
                "events_service", "api", MONGO_URL=behind.geturl(), OIDC_ISSUER=ISSUER, HTTP_PORT=str(port)
            ) as process,
            AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
        ):
            assert process.stdout is not None
            said = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
            assert said["event"] == "waiting for the database"
            assert (await client.get("/health/live")).status_code == 200
            unready = await client.get("/health/ready")
            assert (unready.status_code, unready.json()["checks"]) == (503, {"process": "starting"})

            wire = Cutter(there.port or 27017, repeat(None))
            async with await asyncio.start_server(wire.serve, "127.0.0.1", door):
                await eventually(lambda: is_ready(client), within=60)
                process.send_signal(signal.SIGTERM)
                out, _ = await asyncio.wait_for(process.communicate(), 60)
            assert process.returncode == 0
            assert b"waiting for the database" not in out


async def test_a_new_generation_is_one_command_and_only_after_a_restored_backup(
    mongo_server: MongoServer, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    async with mongo_server.database() as url:
        environment = {"MONGO_URL": url, "KAFKA_BOOTSTRAP": kafka_server.bootstrap, "TOPIC_PREFIX": topic_prefix}
        await set_up("events_service", **environment)
        async with program("events_service", "new-generation", **environment) as refused:
            _, said = await refused.communicate()
            assert refused.returncode != 0
            assert "Kafka is not ahead" in said.decode().splitlines()[-1]
        producer = AIOKafkaProducer(bootstrap_servers=kafka_server.bootstrap)
        await producer.start()
        ahead = Position(lane="0.0", n=7).model_dump_json().encode()
        await producer.send_and_wait(f"{topic_prefix}events.relay.v1", ahead, key=b"0.0", partition=0)
        await producer.stop()
        async with program("events_service", "new-generation", **environment) as begun:
            told, said = await begun.communicate()
            assert begun.returncode == 0, said.decode()
        assert json.loads(told.splitlines()[-1]) == {
            "generation": 1,
            "lanes": 1,
            "forgotten": 0,
            "subjects": 0,
            "republished": 0,
        }
