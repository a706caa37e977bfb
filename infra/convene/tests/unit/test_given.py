"""Servers of somebody else's are asked before anything starts, and what is wrong with them is one sentence."""

import pytest

from convene.parts.ports import free_port
from convene.parts.trouble import Unavailable
from convene.stack.given import reachable
from convene.stack.plan import SERVICES, plan


@pytest.mark.parametrize("bootstrap", ["127.0.0.1:{port}", "127.0.0.1:{port},localhost:{port}", "{port}:x", ":"])
async def test_a_kafka_that_is_not_there_is_named_with_what_to_do(bootstrap: str) -> None:
    given = bootstrap.format(port=free_port())
    with pytest.raises(Unavailable) as trouble:
        await reachable(plan({"KAFKA_BOOTSTRAP": given}), within=0)
    assert str(trouble.value).startswith(f"No Kafka answers at {given}; start it, set KAFKA_BOOTSTRAP to another,")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_database_that_is_not_there_is_named_without_its_password(service: str) -> None:
    name = f"MONGO_URL_{service.upper()}"
    url = f"mongodb://{service}:secret@127.0.0.1:{free_port()}/{service}"
    with pytest.raises(Unavailable) as trouble:
        await reachable(plan({name: url}), within=0.1)
    assert str(trouble.value).startswith(f"No MongoDB answers at {name}; start it, set {name} to another,")
    assert "secret" not in str(trouble.value)


@pytest.mark.parametrize(
    "url", ["h/events", "mongodb://a:se:cret@h/events", "mongodb://h:secret/events", "mongodb://a:secret@h", "http://x"]
)
async def test_a_database_that_is_written_wrongly_is_named_without_its_password(url: str) -> None:
    with pytest.raises(Unavailable, match=r"^MONGO_URL_EVENTS is no address .* mongodb://") as trouble:
        await reachable(plan({"MONGO_URL_EVENTS": url}), within=0)
    assert "cret" not in str(trouble.value)


async def test_without_servers_of_others_nobody_is_asked() -> None:
    await reachable(plan({}), within=0)
