"""Each service's database and Kafka, as its own environment names them."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

from chassis.kafka import KafkaSettings
from chassis.mongo import Database, connect
from chassis.settings import ServiceSettings
from convene.parts.trouble import Unavailable
from convene.stack.plan import SERVICES

# a service's command on a busy machine: its imports, and a first answer of its database
STARTING_S = 30.0


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

    def act(self, word: str) -> dict[str, Any]:
        """What the service's own `python -m <service> <word>` says at its end, as JSON: only it knows what its
        documents mean. Raises Unavailable when it says nothing."""
        command = [sys.executable, "-m", f"{self.service}_service", word]
        done = subprocess.run(command, env=dict(self.variables), capture_output=True, text=True, check=False)
        try:
            said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            why = (done.stderr.strip() or done.stdout.strip() or "no answer").splitlines()[-1]
            raise Unavailable(f"`{word}` of the {self.service} service did not succeed: {why[:300]}") from None
        return said

    def follow(self, *words: str, within: float) -> Iterator[dict[str, Any]]:
        """What the service's own `python -m <service> <words>` says meanwhile: each object with a `status`.

        within: seconds from the first that it says, after which it is ended. Raises Unavailable when it says nothing
        and ends by itself.
        """
        command = [sys.executable, "-m", f"{self.service}_service", *words]
        environment, both = dict(self.variables), subprocess.STDOUT
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=both, text=True) as process:
            alarm = _alarm(STARTING_S + within, process)
            said, last = False, "no answer"
            try:
                for line in process.stdout or ():
                    step = _status(line)
                    last = line.strip() or last
                    if step is not None:
                        if not said:
                            alarm.cancel()
                            said, alarm = True, _alarm(within, process)
                        yield step
                process.wait()
            finally:
                alarm.cancel()
                process.kill()
        if not said and process.returncode > 0:
            raise Unavailable(f"`{words[0]}` of the {self.service} service did not succeed: {last[:300]}")

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        opened = connect(self.variables["MONGO_URL"])
        try:
            yield opened
        finally:
            opened.close()


def _alarm(after_s: float, process: subprocess.Popen[str]) -> Timer:
    """Started: it ends the process then."""
    alarm = Timer(after_s, process.kill)
    alarm.start()
    return alarm


def _status(line: str) -> dict[str, Any] | None:
    """None for what is said besides: logs."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "status" in found else None


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
