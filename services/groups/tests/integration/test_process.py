"""The service as a process of its own: set up, started without Kafka, told to stop."""

import asyncio
import signal

from httpx2 import AsyncClient, HTTPError

from chassis.mongo import connect
from chassis.reconcile.pace import Pace
from convene.parts.ports import free_port
from groups_service.store.reconcile import CHECKS
from testkit import KafkaServer, MongoServer, eventually
from testkit.calling import Person
from testkit.issuer import ISSUER
from testkit.running import heard, is_ready, program, set_up

from .conftest import JC_MOMS, Service


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
            heard(process),
            AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
        ):
            await eventually(lambda: is_ready(client), within=60)
            made = await Person(client, "olga")("POST", "/groups", JC_MOMS)
            assert made.status_code == 201, made.text
            assert "journal" in (await client.get("/health/progress")).json()
            assert (await client.get("/openapi.json")).json()["info"]["title"] == "Convene groups"
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_killed_while_a_thousand_join_it_counts_each_of_them_once(
    service: Service, mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    port, jwks = free_port(), service.settings.oidc_jwks_url or ""
    async with mongo_server.database() as url, AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        environment = {
            "MONGO_URL": url,
            "OIDC_ISSUER": ISSUER,
            "OIDC_JWKS_URL": jwks,
            "HTTP_PORT": str(port),
            "KAFKA_BOOTSTRAP": kafka_server.bootstrap,
            "TOPIC_PREFIX": service.settings.topic_prefix,
        }
        await set_up("groups_service", **environment)
        people = [Person(client, f"joiner-{number}") for number in range(1000)]
        accepted: set[str] = set()

        async def join(path: str, who: Person) -> None:
            try:
                answer = await who("PUT", f"{path}/membership")
            except HTTPError:
                return
            if answer.status_code in (200, 201) and answer.json()["state"] == "active":
                accepted.add(str(who.id))

        async with program("groups_service", "api", **environment) as first, heard(first):
            await eventually(lambda: is_ready(client), within=60)
            path = f"/groups/{(await Person(client, 'olga')('POST', '/groups', JC_MOMS)).json()['group_id']}"
            joining = asyncio.gather(*(join(path, who) for who in people))
            await eventually(lambda: len(accepted) >= 100, within=60, every=0.01)
            first.kill()
            await joining
        assert 100 <= len(accepted) < 1000
        database = connect(url)
        rows = {"group_id": path.rpartition("/")[2], "state": "active"}
        kept = {row["member_id"] for row in await database["memberships"].find(rows)}
        assert kept >= accepted
        async with program("groups_service", "api", **environment) as second, heard(second):
            await eventually(lambda: is_ready(client), within=60)
            await asyncio.gather(*(join(path, who) for who in people))
            group = (await people[0]("GET", path)).json()
        assert len(accepted) == 1000
        assert group["member_count"] == await database["memberships"].count(rows) == 1001
        found = [await check.run(database, Pace()) for check in CHECKS]
        assert [finding.examples for finding in found if not finding.sound] == []
        database.close()


async def test_a_word_that_is_no_role_is_refused() -> None:
    async with program("groups_service", "stream") as process:
        _, said = await process.communicate()
        assert (process.returncode, "usage" in said.decode()) == (2, True)
