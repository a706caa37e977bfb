"""What runs: the processes, their roles and their ports, in one table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from convene.parts.trouble import Unavailable

SERVICES = ("groups", "events", "notifications")


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """One process of a service; without roles it has all of them. ``port`` names an entry of PORTS."""

    name: str
    service: str
    roles: tuple[str, ...]
    port: str
    has_api: bool = True

    @property
    def command(self) -> list[str]:
        """What Python is to run."""
        return ["-m", f"{self.service}_service", *self.roles]


PROCESSES = (
    ServiceProcess("groups", "groups", (), "GROUPS_PORT"),
    ServiceProcess("events", "events", ("api", "worker"), "EVENTS_PORT"),
    ServiceProcess("events-consumer", "events", ("consumer",), "EVENTS_CONSUMER_PORT", has_api=False),
    ServiceProcess("events-relay", "events", ("relay",), "EVENTS_RELAY_PORT", has_api=False),
    ServiceProcess("events-stream", "events", ("stream",), "STREAM_PORT"),
    ServiceProcess("notifications", "notifications", (), "NOTIFICATIONS_PORT"),
)

PORTS = {
    "KAFKA_PORT": 19092,
    "KAFKA_CONTROLLER_PORT": 19093,
    "MONGO_PORT": 37017,
    "GROUPS_PORT": 8001,
    "EVENTS_PORT": 8002,
    "NOTIFICATIONS_PORT": 8003,
    "STREAM_PORT": 8004,
    "EVENTS_CONSUMER_PORT": 8102,
    "EVENTS_RELAY_PORT": 8202,
    "ISSUER_PORT": 8010,
    "MAIL_PORT": 8025,
    "SMTP_PORT": 1025,
    "ZIPKIN_PORT": 9411,
}
"""Loopback ports by the variable that changes them."""


REPLICAS = {
    "groups": "GROUPS_REPLICAS",
    "events": "EVENTS_API_REPLICAS",
    "events-consumer": "EVENTS_CONSUMER_REPLICAS",
    "events-relay": "EVENTS_RELAY_REPLICAS",
    "events-stream": "STREAM_REPLICAS",
    "notifications": "NOTIFICATIONS_REPLICAS",
}
"""How many processes of a kind run, by the variable that says it; one unless it is set."""

MOST_REPLICAS = 9
BESIDE = 20
"""The next replica's port is so much higher, unless a variable says which it is (`EVENTS_PORT_2`)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to run here: the ports, which servers are somebody else's, and whether Zipkin runs beside.

    audience: what every service takes tokens for instead of its own name, if that was set.
    """

    ports: Mapping[str, int]
    kafka_bootstrap: str | None
    mongo_urls: Mapping[str, str]
    processes: tuple[ServiceProcess, ...] = PROCESSES
    traces: bool = False
    audience: str | None = None

    @property
    def audiences(self) -> tuple[str, ...]:
        """Whom a development token is meant for."""
        return (*SERVICES, self.audience) if self.audience else SERVICES

    @property
    def starts_kafka(self) -> bool:
        """Whether no Kafka was given."""
        return self.kafka_bootstrap is None

    @property
    def own_databases(self) -> tuple[str, ...]:
        """The services without a given MongoDB."""
        return tuple(service for service in SERVICES if service not in self.mongo_urls)

    def needed_ports(self) -> dict[str, int]:
        """The ports that must be free, by variable."""
        unused = set()
        if not self.starts_kafka:
            unused |= {"KAFKA_PORT", "KAFKA_CONTROLLER_PORT"}
        if not self.own_databases:
            unused.add("MONGO_PORT")
        if not self.traces:
            unused.add("ZIPKIN_PORT")
        return {name: port for name, port in self.ports.items() if name not in unused}


def plan(environ: Mapping[str, str], *, traces: bool = False) -> Plan:
    """Read the variables that are set before ``make run``.

    Raises Unavailable when a port is no port, or used twice, and when a file that is to name a database does not.
    """
    ports = {name: _port(name, environ.get(name) or str(default)) for name, default in PORTS.items()}
    if "KAFKA_CONTROLLER_PORT" not in environ:
        ports["KAFKA_CONTROLLER_PORT"] = ports["KAFKA_PORT"] + 1
    processes: list[ServiceProcess] = []
    for process in PROCESSES:
        for number in range(1, _replicas(REPLICAS[process.name], environ) + 1):
            replica = _replica(process, number)
            processes.append(replica)
            if number > 1:
                beside = str(ports[process.port] + BESIDE * (number - 1))
                ports[replica.port] = _port(replica.port, environ.get(replica.port) or beside)
    given = {service: _mongo_url(f"MONGO_URL_{service.upper()}", environ) for service in SERVICES}
    made = Plan(
        ports=ports,
        kafka_bootstrap=environ.get("KAFKA_BOOTSTRAP") or None,
        mongo_urls={service: url for service, url in given.items() if url},
        processes=tuple(processes),
        traces=traces,
        audience=environ.get("OIDC_AUDIENCE") or None,
    )
    _refuse_twins(made.needed_ports())
    return made


def _replicas(name: str, environ: Mapping[str, str]) -> int:
    text = environ.get(name) or "1"
    if not text.isdigit() or not 1 <= int(text) <= MOST_REPLICAS:
        raise Unavailable(f"{name} is {text!r}; set it to a number between 1 and {MOST_REPLICAS}.")
    return int(text)


def _replica(process: ServiceProcess, number: int) -> ServiceProcess:
    """The first has the plain names; others have their number behind."""
    if number == 1:
        return process
    return replace(process, name=f"{process.name}-{number}", port=f"{process.port}_{number}")


def _mongo_url(name: str, environ: Mapping[str, str]) -> str:
    """Empty when there is none."""
    file = environ.get(f"{name}_FILE")
    if environ.get(name) or not file:
        return environ.get(name, "")
    try:
        url = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        url = ""
    if not url:
        raise Unavailable(f"No database can be read from {file}; set {name}_FILE to a file with its address.")
    return url


def _port(name: str, text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Unavailable(f"{name} is {text!r}; set it to a port between 1 and 65535.")
    return int(text)


def _refuse_twins(ports: Mapping[str, int]) -> None:
    names: dict[int, str] = {}
    for name, port in ports.items():
        if port in names:
            raise Unavailable(f"{names[port]} and {name} are both {port}; set one of them to another port.")
        names[port] = name
