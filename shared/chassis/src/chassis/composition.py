"""A process is put together from the roles that every service has; a service adds what only it has."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from chassis import reconcile
from chassis.auth import Authenticator
from chassis.awaited import Awaited
from chassis.due import Due, DueWorker
from chassis.health import Health, writable
from chassis.http import Api, probe_app
from chassis.http.app import FirstCall
from chassis.http.lean import LeanRoute
from chassis.http.problems import Refusals
from chassis.journal import Command, Journal, hand_over
from chassis.mongo import Database, connect
from chassis.privacy import Holdings, Leaving, PrivacyWorker, returned
from chassis.reconcile import Reconciler
from chassis.relay import Relay
from chassis.retention import Retention
from chassis.serve import Part, Process
from chassis.server import HttpServer
from chassis.service import Service
from chassis.telemetry import mongo_listeners


class Composition:
    """What the process is made of so far. Parts start in the order in which they were added, and stop in reverse; what
    they have used is let go of last. Each shows its progress on /health/progress."""

    def __init__(self, service: Service) -> None:
        self.database = connect(service.settings.mongo_url.get_secret_value(), listeners=mongo_listeners())
        self.health = Health()
        self._service = service
        self._settings = service.settings
        self._closing = _Closing(self.database)
        self._parts: list[Part] = [self._closing]
        self._servers: list[Part] = []
        self._relay: Relay | None = None

    def wait_for_database(self) -> None:
        """What is added from here on starts when the database is there and `setup` has run on it; the process is ready
        while it can be written to."""
        self._parts.append(Awaited(self.database, self._service.schema.verify))
        self.health.ready_when("database", writable(self.database))

    def api(
        self,
        *,
        title: str,
        version: str,
        routers: Sequence[APIRouter],
        refusals: Refusals,
        met: Callable[[str, str | None], Command],
        lean_routes: Sequence[LeanRoute] = (),
    ) -> None:
        """The api role: the journal, and the HTTP API in front of it.

        met: what is to be decided when the member with this id is seen for the first time; also when they come back
        after they were forgotten here, with the request that forgot them.
        """
        settings = self._settings
        journal = self._journal()
        auth = self._closing.auth = Authenticator.of(settings)

        async def seen(calls: Sequence[FirstCall]) -> None:
            since = await returned([call.caller for call in calls], self.database)
            who = [(call.caller.member_id, call.trace) for call in calls]
            await hand_over(
                self.database, [replace(met(member, since.get(member)), trace=trace) for member, trace in who]
            )

        leaving = Leaving(self.database)
        api = Api(
            title=title,
            version=version,
            settings=settings,
            database=self.database,
            journal=journal,
            auth=auth,
            health=self.health,
            routers=routers,
            lean_routes=lean_routes,
            refusals=refusals,
            consumed_topics=self._service.consumed,
            seen=seen,
            leaving=leaving,
        )
        self.add(leaving)
        self.serve(HttpServer.of(api, settings))
        self.add(journal)

    def probes(self) -> None:
        """Of a process without an API: health and metrics on HEALTH_PORT, if that is set."""
        settings = self._settings
        if settings.health_port is not None:
            self.serve(HttpServer.of(probe_app(self.health), settings, port=settings.health_port))

    def relay(self) -> None:
        """The relay role: from the journal to the topics. What is published and has had its time goes."""
        settings = self._settings
        relay = self._relay = Relay(
            self.database, settings.kafka(), self._service.name, secret=settings.journal_secret()
        )

        async def progress() -> dict[str, float]:
            return {"lanes": relay.held(), "oldest_seconds": await relay.oldest_seconds()}

        self.health.progress_of("relay", progress)
        self.add(relay)
        self.add(Retention(self.database, settings.kafka(), self._service.name, keep=settings.journal_kept()))

    def consumer(self) -> None:
        """The consumer role: from others' topics to projections and the journal."""
        consumers = self._service.consumers(self.database)
        self.health.progress_of("consumer", consumers.progress)
        self.add(consumers)

    def reconciler(self) -> None:
        """Of the worker role: proves the books on a schedule."""
        reconciler = Reconciler(self._service.books(self.database), reconcile.timing(self._settings))
        self.health.progress_of("reconcile", reconciler.progress)
        self.add(reconciler)

    def privacy(self, holdings: Holdings) -> None:
        """Of the worker role: gives out, and lets go of, what the service holds of members who ask for it."""
        worker = PrivacyWorker(self.database, holdings, self._settings.export_keys())
        self.health.progress_of("privacy", worker.progress)
        self.add(worker)

    def due(self, name: str, due: Due) -> None:
        """Of the worker role: asks for what is due of one kind."""
        worker = DueWorker(due, name)
        self.health.progress_of(name, worker.progress)
        self.add(worker)

    def add(self, part: Part) -> None:
        self._parts.append(part)

    def serve(self, server: Part) -> None:
        """Answers before the parts have started, and takes nothing more before they stop."""
        self._servers.append(server)

    def process(self) -> Process:
        return Process(health=self.health, parts=self._parts, servers=self._servers)

    def _journal(self) -> Journal:
        journal = Journal(
            self.database, self._service.decisions, published=self._ring, secret=self._settings.journal_secret()
        )

        def progress() -> dict[str, Any]:
            return {"lanes": journal.held(), "oldest_seconds": journal.oldest_seconds()}

        self.health.progress_of("journal", progress)
        return journal

    def _ring(self) -> None:
        """A relay in the same process hears of a batch at once."""
        if self._relay is not None:
            self._relay.ring()


class _Closing:
    """Starts first and so stops last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.auth: Authenticator | None = None

    async def start(self) -> None:
        """Nothing is connected before its first use."""

    async def stop(self) -> None:
        if self.auth is not None:
            await self.auth.close()
        self._database.close()
