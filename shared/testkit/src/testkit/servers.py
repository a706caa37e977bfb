"""The servers tests run against: given by the environment, in containers, or embedded."""

import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from pymongo import AsyncMongoClient

from convene.parts.kafka import start_kafka
from convene.parts.mongod import ensure_user, start_mongod
from convene.parts.ports import free_port
from convene.parts.running import Running
from testkit import containers

SERVICES = ("GROUPS", "EVENTS", "NOTIFICATIONS")

TEST_PARAMETERS = (
    "enableTestCommands=1",  # fail points
    "scramSHA256IterationCount=5000",  # the least allowed: a user and a login for every test
    "scramIterationCount=5000",
)


@dataclass(frozen=True, slots=True)
class KafkaServer:
    """``running`` is the embedded process, to kill, freeze and restart; None when the server is somebody else's."""

    bootstrap: str
    running: Running | None = None


@dataclass(frozen=True, slots=True)
class MongoServer:
    """``root_url`` may make databases; ``makes_users`` says whether each of them gets a user of its own."""

    root_url: str
    makes_users: bool
    running: Running | None = None

    @asynccontextmanager
    async def database(self, name: str = "") -> AsyncIterator[str]:
        """The URL of an empty database, by default of a unique name; it is dropped afterwards."""
        name = name or f"test_{secrets.token_hex(6)}"
        async with AsyncMongoClient[dict[str, Any]](self.root_url) as root:
            url = with_database(self.root_url, name)
            if self.makes_users:
                password = secrets.token_hex(8)
                await ensure_user(root, name, password, database=name)
                url = with_user(self.root_url, name, password)
            try:
                yield url
            finally:
                if self.makes_users:
                    await root[name].command("dropUser", name)
                await root.drop_database(name)


def with_database(url: str, name: str) -> str:
    """The same server and credentials with another database."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if parts.username:
        options.setdefault("authSource", parts.path.strip("/") or "admin")
    return parts._replace(path=f"/{name}", query=urlencode(options)).geturl()


def with_user(url: str, name: str, password: str) -> str:
    """The same server for a user kept in the database of its own name."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2]
    options = {key: value for key, value in parse_qsl(parts.query) if key != "authSource"}
    return parts._replace(netloc=f"{name}:{password}@{hosts}", path=f"/{name}", query=urlencode(options)).geturl()


def given_mongo_url(environ: Mapping[str, str]) -> str | None:
    """``MONGO_URL``, else that of the first service that has one."""
    names = ("MONGO_URL", *(f"MONGO_URL_{service}" for service in SERVICES))
    return next((environ[name] for name in names if environ.get(name)), None)


def wants_containers(environ: Mapping[str, str]) -> bool:
    """``TESTKIT=containers`` asks for them; they are used if an engine answers."""
    return environ.get("TESTKIT") == "containers" and containers.engine_answers()


@asynccontextmanager
async def kafka_server(data_dir: Path) -> AsyncIterator[KafkaServer]:
    """The Kafka to test against, until the block ends."""
    given = os.environ.get("KAFKA_BOOTSTRAP")
    if given:
        yield KafkaServer(given)
    elif wants_containers(os.environ):
        async with containers.kafka() as bootstrap:
            yield KafkaServer(bootstrap)
    else:
        async with embedded_kafka(data_dir) as server:
            yield server


@asynccontextmanager
async def mongo_server(data_dir: Path) -> AsyncIterator[MongoServer]:
    """The MongoDB to test against, until the block ends."""
    given = given_mongo_url(os.environ)
    if given:
        yield MongoServer(given, makes_users=False)
    elif wants_containers(os.environ):
        async with containers.mongo() as url:
            yield MongoServer(url, makes_users=True)
    else:
        async with embedded_mongo(data_dir) as server:
            yield server


@asynccontextmanager
async def embedded_kafka(data_dir: Path) -> AsyncIterator[KafkaServer]:
    """A Kafka of its own on a free port, until the block ends."""
    running = await start_kafka(data_dir, free_port(), controller_port=free_port())
    try:
        yield KafkaServer(running.address, running)
    finally:
        await running.stop()


@asynccontextmanager
async def embedded_mongo(data_dir: Path) -> AsyncIterator[MongoServer]:
    """A mongod of its own on a free port, with fail points, until the block ends."""
    password = secrets.token_hex(16)
    running = await start_mongod(data_dir, free_port(), {}, root_password=password, parameters=TEST_PARAMETERS)
    try:
        yield MongoServer(running.address, makes_users=True, running=running)
    finally:
        await running.stop()
