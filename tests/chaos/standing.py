"""Servers of a test's own that outlive the platform on them, so that either can be stopped, damaged and started."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.kafka import KafkaSettings
from convene.acting.platform import Platform as Outside
from convene.acting.platform import client, reach
from convene.parts.running import Running
from convene.stack.plan import SERVICES
from testkit import KafkaServer, MongoServer, Platform
from testkit.platform import running_platform


@dataclass(frozen=True, slots=True)
class Standing:
    """broker, mongod: the processes; environ: what leads a platform to them; local: the platform's folder."""

    broker: Running
    mongod: Running
    environ: Mapping[str, str]
    local: Path

    @property
    def kafka(self) -> KafkaSettings:
        return KafkaSettings(self.broker.address)

    @property
    def kafka_logs(self) -> Path:
        """Where the broker keeps its segments."""
        return self.broker.log.parent / "log"

    @property
    def mongo_data(self) -> Path:
        return self.mongod.log.parent / "db"

    @asynccontextmanager
    async def platform(self, environ: Mapping[str, str] | None = None) -> AsyncIterator[tuple[Platform, Outside]]:
        """The services on these servers, from inside and from outside."""
        async with running_platform(self.local, {**self.environ, **(environ or {})}) as platform, client() as http:
            yield platform, reach(platform.local, http, platform.environ)


@asynccontextmanager
async def standing(kafka: KafkaServer, mongo: MongoServer, folder: Path) -> AsyncIterator[Standing]:
    """On embedded servers; each service has a database of its own."""
    assert kafka.running is not None
    assert mongo.running is not None
    async with AsyncExitStack() as stack:
        urls = {name: await stack.enter_async_context(mongo.database(name)) for name in SERVICES}
        environ = {f"MONGO_URL_{name.upper()}": url for name, url in urls.items()}
        environ["KAFKA_BOOTSTRAP"] = kafka.bootstrap
        yield Standing(kafka.running, mongo.running, environ, folder)
