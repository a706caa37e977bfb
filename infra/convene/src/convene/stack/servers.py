"""The processes of the platform as things that can be started: servers of others, and the services."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from convene.parts.kafka import prepare_kafka
from convene.parts.mongod import prepare_mongod, server_url, settle
from convene.parts.ports import LOOPBACK
from convene.parts.running import Running
from convene.parts.trouble import Unavailable
from convene.parts.zipkin import start_zipkin
from convene.stack.environment import OF_THE_MACHINE, environment, issuer_url, keep
from convene.stack.passwords import passwords, sealing_key
from convene.stack.plan import Plan, ServiceProcess
from convene.stack.probe import is_ok
from convene.stack.stamp import fingerprint

START_S = 90.0
SETUP_S = 90.0


@dataclass(frozen=True, slots=True)
class Part:
    """A process with where it is asked for its health over HTTP, if it can be."""

    running: Running
    health_port: int | None = None


class Servers:
    """Makes the parts of one plan, with data, logs and environments under ``local``."""

    def __init__(self, plan: Plan, local: Path, environ: Mapping[str, str]) -> None:
        self.plan = plan
        self.local = local.absolute()
        self.logs = self.local / "logs"
        self._environ = environ
        self._passwords = passwords(self.local / "passwords.json") if plan.own_databases else {}

    @property
    def kafka_bootstrap(self) -> str:
        """The given address, or that of our own broker."""
        return self.plan.kafka_bootstrap or f"{LOOPBACK}:{self.plan.ports['KAFKA_PORT']}"

    @property
    def mongo_urls(self) -> dict[str, str]:
        """Of each service: the given one, or that of its user of our own server."""
        port = self.plan.ports["MONGO_PORT"]
        own = {name: server_url(port, name, self._passwords[name], name) for name in self.plan.own_databases}
        return own | dict(self.plan.mongo_urls)

    async def kafka(self) -> Part:
        """Our own broker, ready."""
        ports = self.plan.ports
        running = await prepare_kafka(
            self.local / "kafka",
            ports["KAFKA_PORT"],
            controller_port=ports["KAFKA_CONTROLLER_PORT"],
            log=self.logs / "kafka.log",
        )
        await running.start(START_S)
        return Part(running)

    async def mongod(self) -> Part:
        """Our own MongoDB with a user for each service that needs one, ready."""
        port, root_password = self.plan.ports["MONGO_PORT"], self._passwords["root"]
        running = prepare_mongod(self.local / "mongod", port, root_password=root_password, log=self.logs / "mongod.log")
        running.spawn()
        try:
            users = {name: self._passwords[name] for name in self.plan.own_databases}
            await settle(running, port, users, root_password=root_password)
        except BaseException:
            await running.stop()
            raise
        return Part(running)

    async def zipkin(self) -> Part:
        """The page that shows traces, ready."""
        return Part(
            await start_zipkin(self.plan.ports["ZIPKIN_PORT"], log=self.logs / "zipkin.log", env=self._of_the_machine())
        )

    def _of_the_machine(self) -> dict[str, str]:
        return {name: self._environ[name] for name in OF_THE_MACHINE if name in self._environ}

    async def outside(self) -> Part:
        """The development issuer and the mail catcher, ready."""
        ports = self.plan.ports
        address = issuer_url(self.plan)
        variables = self._of_the_machine() | {
            "ISSUER_PORT": str(ports["ISSUER_PORT"]),
            "MAIL_PORT": str(ports["MAIL_PORT"]),
            "SMTP_PORT": str(ports["SMTP_PORT"]),
            "ISSUER_KEY": str(self.local / "issuer.json"),
            "ISSUER_AUDIENCES": ",".join(self.plan.audiences),
            "PYTHONUNBUFFERED": "1",
        }
        running = Running(
            "outside",
            [sys.executable, "-m", "convene.outside"],
            address=address,
            ready=lambda: is_ok(LOOPBACK, ports["ISSUER_PORT"], "/health/ready"),
            log=self.logs / "outside.log",
            env=variables,
        )
        await running.start(START_S)
        return Part(running, ports["ISSUER_PORT"])

    def environment_of(self, process: ServiceProcess) -> dict[str, str]:
        """What the process is told; also kept in a file."""
        variables = environment(
            process, self.plan, kafka=self.kafka_bootstrap, mongo_urls=self.mongo_urls, environ=self._environ
        )
        variables |= self._key("JOURNAL_KEY", "journal.key")
        variables |= self._key("EXPORT_KEY", "export.key")
        if process.service == "notifications":
            variables |= self._key("CONTACT_KEY", "contact.key")
        keep(self.local / "env", process.name, variables)
        return variables

    def _key(self, name: str, file: str) -> dict[str, str]:
        """The key as it was given, else one of our own."""
        given = {one: self._environ[one] for one in (name, f"{name}_FILE") if one in self._environ}
        return given or {name: sealing_key(self.local / file)}

    def service(self, process: ServiceProcess) -> Part:
        """A process of a service, not yet spawned."""
        port = self.plan.ports[process.port]
        running = Running(
            process.name,
            [sys.executable, *process.command],
            address=f"http://{LOOPBACK}:{port}",
            ready=lambda: is_ok(LOOPBACK, port, "/health/ready"),
            log=self.logs / f"{process.name}.log",
            env=self.environment_of(process),
        )
        return Part(running, port)

    async def set_up(self, service: str) -> None:
        """Run ``python -m <service>_service setup``: its collections and topics. Raises Unavailable when it fails.

        On servers of our own it is not repeated while sources, settings and data folders are those of the last time.
        """
        stamp = self.local / "setup" / service
        done = await asyncio.to_thread(self._fingerprint, service)
        if done is not None and _read(stamp) == done:
            return
        await self._run_setup(service)
        if done is not None:
            _write(stamp, done)

    def _fingerprint(self, service: str) -> str | None:
        if not self.plan.starts_kafka or service not in self.plan.own_databases:
            return None
        process = next(process for process in self.plan.processes if process.service == service)
        settings = [f"{name}={value}" for name, value in sorted(self.environment_of(process).items())]
        data = [self.local / "kafka" / "log" / "meta.properties", self.local / "mongod" / "keyfile"]
        return fingerprint((f"{service}_service", "chassis", "contracts"), data, settings)

    async def _run_setup(self, service: str) -> None:
        process = next(process for process in self.plan.processes if process.service == service)
        log = self.logs / f"{service}-setup.log"
        log.unlink(missing_ok=True)
        running = Running(
            f"setting up {service}",
            [sys.executable, "-m", f"{service}_service", "setup"],
            address="",
            ready=_never,
            log=log,
            env=self.environment_of(process),
        )
        running.spawn()
        try:
            code = await running.wait_end(SETUP_S)
        finally:
            await running.stop()
        if code != 0:
            raise Unavailable(f"{running.name} failed: {running.last_words()}")


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


async def _never() -> bool:
    return False
