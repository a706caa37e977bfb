"""A Kafka and a MongoDB that services reach through links only, while who looks on from outside goes straight."""

from pathlib import Path
from urllib.parse import urlsplit

from convene.faults.toxiproxy import Link, Toxiproxy
from convene.parts.kafka import prepare_kafka
from convene.parts.ports import LOOPBACK, free_port
from convene.parts.running import Running


async def linked_kafka(data_dir: Path, proxy: Toxiproxy) -> tuple[Running, Link]:
    """A broker, ready, that sends clients which came through the link back through it.

    `address` of the first is the straight way. The broker's own traffic does not use the link.
    """
    port, behind = free_port(), free_port()
    controller = free_port()
    link = await proxy.link("kafka", behind)
    broker = await prepare_kafka(data_dir, port, controller_port=controller)
    lines = {
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},LINKED://{LOOPBACK}:{behind},CONTROLLER://{LOOPBACK}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port},LINKED://{LOOPBACK}:{link.port}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,LINKED:PLAINTEXT",
    }
    with (data_dir / "server.properties").open("a") as properties:  # the later of two lines counts
        properties.writelines(f"{name}={value}\n" for name, value in lines.items())
    await broker.start()
    return broker, link


def through(url: str, link: Link) -> str:
    """The URL of a one-member set by way of a link: its member names its own address, so nobody may ask for it."""
    parts = urlsplit(url)
    credentials = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{credentials}@{LOOPBACK}:{link.port}", query="directConnection=true").geturl()
