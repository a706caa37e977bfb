"""Kafka and MongoDB through testcontainers, with the contracts of the images ``apache/kafka`` and ``mongo``."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import docker
from docker.errors import DockerException
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError
from testcontainers.core.container import DockerContainer

from convene.parts.kafka import lists_topics
from convene.parts.mongod import REPLICA_SET
from convene.parts.ports import LOOPBACK, free_port
from convene.parts.waiting import until

KAFKA_IMAGE = os.environ.get("TESTKIT_KAFKA_IMAGE", "apache/kafka:4.4.0")
MONGO_IMAGE = os.environ.get("TESTKIT_MONGO_IMAGE", "mongo:6.0")
START_S = 120.0


def engine_answers() -> bool:
    """Whether a container engine is there."""
    try:
        docker.from_env(timeout=5).ping()
    except DockerException:
        return False
    return True


@asynccontextmanager
async def kafka() -> AsyncIterator[str]:
    """A broker; yields its bootstrap address. The port is the same inside and outside, for it tells it to clients."""
    port = free_port()
    bootstrap = f"{LOOPBACK}:{port}"
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    settings = {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "ADVERTISED_LISTENERS": f"PLAINTEXT://{bootstrap}",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
    }
    for name, value in settings.items():
        container.with_env(f"KAFKA_{name}", value)
    with container:
        if not await until(lambda: lists_topics(bootstrap), START_S):
            raise AssertionError(f"{KAFKA_IMAGE} did not serve clients within {START_S:.0f} s")
        yield bootstrap


@asynccontextmanager
async def mongo() -> AsyncIterator[str]:
    """A replica set of one member without access control; yields its URL."""
    port = free_port()
    command = f"mongod --port {port} --bind_ip_all --replSet {REPLICA_SET} --setParameter enableTestCommands=1"
    with DockerContainer(MONGO_IMAGE).with_bind_ports(port, port).with_command(command):
        direct = f"mongodb://{LOOPBACK}:{port}/?directConnection=true"

        async def founded() -> bool:
            async with AsyncMongoClient[dict[str, Any]](direct, serverSelectionTimeoutMS=1000) as client:
                try:
                    if "setName" not in await client.admin.command("hello"):
                        members = [{"_id": 0, "host": f"{LOOPBACK}:{port}"}]
                        await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
                    return bool((await client.admin.command("hello")).get("isWritablePrimary"))
                except PyMongoError:
                    return False

        if not await until(founded, START_S):
            raise AssertionError(f"{MONGO_IMAGE} took no writes within {START_S:.0f} s")
        yield f"mongodb://{LOOPBACK}:{port}/?replicaSet={REPLICA_SET}"
