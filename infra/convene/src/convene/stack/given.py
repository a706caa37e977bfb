"""Servers of somebody else's: whether they are there, before anything of ours starts."""

from typing import Any

from aiokafka.conn import collect_hosts
from pymongo import AsyncMongoClient
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError

from convene.parts.ports import accepts
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until
from convene.stack.plan import Plan

WITHIN_S = 10.0


async def reachable(plan: Plan, *, within: float = WITHIN_S) -> None:
    """within: seconds for each. Raises Unavailable for the first given server that cannot be used."""
    if plan.kafka_bootstrap is not None:
        await _kafka(plan.kafka_bootstrap, within)
    for service, url in plan.mongo_urls.items():
        await _mongo(f"MONGO_URL_{service.upper()}", url, within)


async def _kafka(bootstrap: str, within: float) -> None:
    async def one_answers() -> bool:
        return any([await accepts(host, port) for host, port, _ in brokers])

    try:
        brokers = collect_hosts(bootstrap)
    except ValueError:
        brokers = []
    if not brokers or not await until(one_answers, within):
        raise Unavailable(
            f"No Kafka answers at {bootstrap}; start it, set KAFKA_BOOTSTRAP to another, or unset it to have one "
            "started here."
        )


async def _mongo(name: str, url: str, within: float) -> None:
    """What the driver says of a URL is not repeated: it may quote the password."""
    ms = max(1, round(within * 1000))
    try:
        async with AsyncMongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=ms, socketTimeoutMS=ms) as client:
            await client.get_default_database().command("ping")
    except (ConfigurationError, ValueError, OSError):
        raise Unavailable(
            f"{name} is no address of a database; set it to "
            "mongodb://user:password@host:port/database?replicaSet=name, with the password percent-encoded."
        ) from None
    except OperationFailure as refusal:
        why = (refusal.details or {}).get("errmsg", "it did not say why")
        raise Unavailable(f"The MongoDB at {name} refuses its user ({why}); correct {name}.") from None
    except PyMongoError:
        raise Unavailable(
            f"No MongoDB answers at {name}; start it, set {name} to another, or unset it to have one started here."
        ) from None
