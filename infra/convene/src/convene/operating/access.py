"""Each service's database and Kafka, as its own environment names them."""

import os
import shlex
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.kafka import KafkaSettings
from chassis.mongo import Database, connect
from chassis.settings import ServiceSettings
from convene.parts.trouble import Unavailable
from convene.stack.plan import SERVICES


@dataclass(frozen=True, slots=True)
class Access:
    """variables: the environment of the service's process."""

    service: str
    variables: Mapping[str, str]

    @property
    def kafka(self) -> KafkaSettings:
        named = {name.lower(): value for name, value in self.variables.items()}
        known = {name: named[name] for name in ServiceSettings.model_fields if name in named}
        return ServiceSettings(**known).kafka()  # type: ignore[arg-type]  # validated there

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        opened = connect(self.variables["MONGO_URL"])
        try:
            yield opened
        finally:
            opened.close()


def access(local: Path, service: str) -> Access:
    """From the environment file of the platform that ran in this folder. Raises Unavailable."""
    path = local / "env" / service
    if not path.exists():
        raise Unavailable(f"There is no environment of {service} in {local}; start the platform with `make run`.")
    pairs = (line.partition("=") for line in path.read_text().splitlines() if line)
    own = {name: "".join(shlex.split(value)) for name, _, value in pairs}
    return Access(service, {"PATH": os.environ.get("PATH", ""), **own})


def accesses(local: Path, service: str | None) -> list[Access]:
    """Of one service, or of all three. Raises Unavailable."""
    if service is not None and service not in SERVICES:
        raise Unavailable(f"There is no service {service!r}; there are {', '.join(SERVICES)}.")
    return [access(local, name) for name in ([service] if service else SERVICES)]
