"""All three services in this process on real servers, and every step of every trace in memory."""

import base64
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import events_service.app
import events_service.settings
import groups_service.app
import groups_service.settings
import notifications_service.app
import notifications_service.settings
from chassis import telemetry
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, connect
from chassis.server import HttpServer
from chassis.service import Service
from convene.acting.platform import Platform, client
from convene.mail.app import mail_app
from convene.mail.box import Box
from convene.mail.smtp import listen
from convene.parts.ports import LOOPBACK
from testkit import KafkaServer, MongoServer
from testkit.issuer import ISSUER, KEY, issuing
from testkit.running import started
from testkit.topics import delete_topics


@dataclass(frozen=True, slots=True)
class Step:
    """A span with what a test asks of it."""

    span: ReadableSpan

    @property
    def name(self) -> str:
        return self.span.name

    @property
    def id(self) -> str:
        return f"{_context(self.span).span_id:016x}"

    @property
    def parent(self) -> str | None:
        return None if self.span.parent is None else f"{self.span.parent.span_id:016x}"

    def __getitem__(self, attribute: str) -> Any:
        return (self.span.attributes or {})[attribute]


@dataclass(frozen=True, slots=True)
class Trace:
    """The steps of one trace that have ended, as they ended."""

    steps: Sequence[Step]

    def names(self) -> set[str]:
        return {step.name for step in self.steps}

    def named(self, name: str) -> list[Step]:
        return [step for step in self.steps if step.name == name]

    def one(self, name: str) -> Step:
        """Fails unless there is exactly one."""
        found = self.named(name)
        assert len(found) == 1, f"{len(found)} of {name} in {sorted(step.name for step in self.steps)}"
        return found[0]

    def orphans(self, root: str | None) -> list[Step]:
        """Steps whose parent is neither the root's (None: the root is a step of ours) nor a step of this trace."""
        known = {root, *(step.id for step in self.steps)}
        return [step for step in self.steps if step.parent not in known]

    def ways(self, name: str) -> set[tuple[str, ...]]:
        """How each step of that name was come to: the names from the topmost recorded step on.

        What is tried again is a step again, so there may be more steps than ways.
        """
        by_id = {step.id: step for step in self.steps}
        found = set()
        for step in self.named(name):
            names, above = [step.name], by_id.get(step.parent or "")
            while above is not None:
                names.append(above.name)
                above = by_id.get(above.parent or "")
            found.add(tuple(reversed(names)))
        return found


@dataclass(frozen=True, slots=True)
class Recorded:
    """The running services from outside, their topics, and what they recorded."""

    platform: Platform
    kafka: KafkaSettings
    exporter: InMemorySpanExporter
    databases: dict[str, Database]
    services: dict[str, Service]

    def trace(self, trace_id: str) -> Trace:
        spans = self.exporter.get_finished_spans()
        return Trace([Step(span) for span in spans if f"{_context(span).trace_id:032x}" == trace_id])


@asynccontextmanager
async def recording(mongo: MongoServer, kafka: KafkaServer) -> AsyncIterator[Recorded]:
    """Every role of every service."""
    prefix = f"r{secrets.token_hex(4)}."
    exporter = InMemorySpanExporter()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(delete_topics, kafka.bootstrap, prefix)
        box = Box()
        smtp = await stack.enter_async_context(await listen(box, LOOPBACK, 0))
        keys = await stack.enter_async_context(issuing())
        mail = HttpServer(mail_app(box), host=LOOPBACK, port=0)
        await mail.start()
        stack.push_async_callback(mail.stop)
        shared = {
            "env": "test",
            "kafka_bootstrap": kafka.bootstrap,
            "topic_prefix": prefix,
            "oidc_issuer": ISSUER,
            "oidc_jwks_url": keys,
            "http_port": 0,
            "export_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        own: dict[str, dict[str, Any]] = {
            "groups": {},
            "events": {"stream_port": 0},
            "notifications": {
                "smtp_url": f"smtp://{LOOPBACK}:{smtp.sockets[0].getsockname()[1]}",
                "contact_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            },
        }
        modules = {
            "groups": (groups_service.app, groups_service.settings.Settings),
            "events": (events_service.app, events_service.settings.Settings),
            "notifications": (notifications_service.app, notifications_service.settings.Settings),
        }
        databases: dict[str, Database] = {}
        services: dict[str, Service] = {}
        addresses = {"mail": f"http://{LOOPBACK}:{mail.port}"}
        for name, (app, settings_type) in modules.items():
            url = await stack.enter_async_context(mongo.database())
            databases[name] = connect(url)
            stack.callback(databases[name].close)
            settings = settings_type(**shared, **own[name], mongo_url=url)
            if not telemetry.on():
                telemetry.setup("convene", settings, exporter=exporter)
                stack.callback(telemetry.shutdown)
            services[name] = app.own(settings)
            await services[name].setup()
            process = await app.build(settings, app.ROLES)
            ports = await stack.enter_async_context(started(process))
            addresses[name] = f"http://{LOOPBACK}:{ports[0]}"
            if name == "events":
                addresses["stream"] = f"http://{LOOPBACK}:{ports[1]}"
        http = await stack.enter_async_context(client())
        yield Recorded(Platform(http, KEY, ISSUER, addresses), settings.kafka(), exporter, databases, services)


def _context(span: ReadableSpan) -> Any:
    return span.context
