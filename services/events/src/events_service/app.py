"""The composition root: what each role of the service is made of."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from chassis import dead_letters, journal, reconcile, topics
from chassis.auth import Authenticator, Caller
from chassis.awaited import Awaited
from chassis.consumers import Consumers
from chassis.consumers.group import prepare as prepare_consumers
from chassis.health import Health, writable
from chassis.http import create_api, probe_app
from chassis.journal import Journal, hand_over
from chassis.journal.decision import Decider
from chassis.mongo import Database, connect
from chassis.reconcile import Books, Reconciler, Report
from chassis.relay import Relay
from chassis.relay.restored import Renewed, new_generation
from chassis.retention import Retention
from chassis.serve import Part, Process
from chassis.server import HttpServer
from chassis.telemetry import mongo_listeners
from contracts.registry import topics as registry
from events_service.consumers import SUBSCRIPTIONS, TOPICS
from events_service.handlers import event, membership, person, publicity, rsvp
from events_service.http import LEAN, ROUTERS
from events_service.http.refusals import REFUSALS
from events_service.messages import Messages, tell_person, tell_sweep
from events_service.settings import Settings
from events_service.store import number, schema
from events_service.store.event import EventStore
from events_service.store.kept import KeptStore
from events_service.store.ledger import LEDGERS
from events_service.store.membership import SWEEPS, SweepStore
from events_service.store.number import Numbers
from events_service.store.person import VISITORS, VisitorStore
from events_service.store.reconcile import CHECKS
from events_service.store.rsvp import RsvpStore
from events_service.stream.limits import Limits
from events_service.stream.part import Stream, stream_server

SERVICE: Final = Settings.service
ROLES: Final = ("api", "consumer", "relay", "worker", "stream")
"""What a process may be; one without roles is all of them. A worker proves the books."""


def decisions(site: str) -> dict[str, Decider[Any]]:
    """Every command this service decides.

    site: where people find events, for the links on the public stream.
    """
    events, rsvps, kept, people, sweeps = (
        EventStore(),
        RsvpStore(Numbers()),
        KeptStore(),
        VisitorStore(),
        SweepStore(),
    )
    tell = Messages(site)

    def of_event(decide: Any) -> Decider[Any]:
        return Decider(LEDGERS, events.reads, events.load, decide, events.save, tell.tell_event)

    def of_rsvp(decide: Any) -> Decider[Any]:
        return Decider(LEDGERS, rsvps.reads, rsvps.load, decide, rsvps.save, tell.tell_booking)

    def of_person(decide: Any) -> Decider[Any]:
        return Decider(VISITORS, people.reads, people.load, decide, people.save, tell_person)

    return {
        event.CREATE: of_event(event.decide_create),
        event.PUBLISH: of_event(event.decide_publish),
        event.ANNOUNCE: of_event(event.decide_announce),
        event.CHANGE: of_event(event.decide_change),
        event.CANCEL: of_event(event.decide_cancel),
        rsvp.RESPOND: of_rsvp(rsvp.decide_respond),
        rsvp.APPROVE: of_rsvp(rsvp.decide_approve),
        rsvp.RELEASE: of_rsvp(rsvp.decide_release),
        rsvp.DRAIN: Decider(
            LEDGERS, rsvps.reads_line, rsvps.load_line, rsvp.decide_drain, rsvps.save, tell.tell_booking
        ),
        publicity.RELEASE_KEPT: Decider(
            LEDGERS, kept.reads, kept.load, publicity.decide_release, kept.save, tell.tell_kept
        ),
        person.SEE: of_person(person.decide_see),
        person.WANT_NUMBER: of_person(person.decide_want_number),
        person.NUMBER_ARRIVED: of_person(person.decide_number_arrived),
        membership.SETTLE: Decider(
            SWEEPS, sweeps.reads, sweeps.load, membership.decide_settle, sweeps.save, tell_sweep
        ),
        **dead_letters.deciders(SERVICE),
    }


async def setup(settings: Settings) -> None:
    """Make the collections, indexes and topics that are missing; safe to run again."""
    database = connect(settings.mongo_url.get_secret_value())
    try:
        await journal.prepare(database)
        await prepare_consumers(database)
        await reconcile.prepare(database)
        await schema.prepare(database)
        await topics.apply(settings.kafka(), registry())
    finally:
        database.close()


def books(settings: Settings, database: Database) -> Books:
    """What this service has to prove: the journal, the topics, and its own documents."""
    return Books(
        database,
        settings.kafka(),
        SERVICE,
        decisions(settings.site()),
        consumed=TOPICS,
        group=_reading(settings, database).group,
        checks=CHECKS,
        secret=settings.journal_secret(),
    )


async def reconciled(settings: Settings) -> Report:
    """Whether the books agree, by one whole pass."""
    database = connect(settings.mongo_url.get_secret_value())
    try:
        return await reconcile.reconcile(books(settings, database))
    finally:
        database.close()


async def renewed(settings: Settings) -> Renewed:
    """A new generation of lanes after the database was restored. Raises NotAhead."""
    database = connect(settings.mongo_url.get_secret_value())
    try:
        return await new_generation(
            database, settings.kafka(), SERVICE, registry(), skip=number.skip, secret=settings.journal_secret()
        )
    finally:
        database.close()


async def build(settings: Settings, roles: Sequence[str]) -> Process:
    """A process with these roles; it does not start when `setup` has not run on the database.

    The stream role needs Kafka alone and touches no database.
    """
    database = connect(settings.mongo_url.get_secret_value(), listeners=mongo_listeners())
    health = Health()
    closing = _Closing(database)
    parts: list[Part] = [closing]
    servers: list[Part] = []
    if set(roles) - {"stream"}:
        parts.append(Awaited(database, schema.verify))
        health.ready_when("database", writable(database))
    relay = relaying(settings, database, health) if "relay" in roles else None
    if "api" in roles:
        closing.auth = Authenticator.of(settings)
        decided = deciding(settings, database, health, relay)
        servers.append(serving(settings, database, health, decided, closing.auth))
        parts.append(decided)
    elif settings.health_port is not None and set(roles) - {"stream"}:
        servers.append(HttpServer(probe_app(health), host=settings.http_host, port=settings.health_port))
    if relay is not None:
        parts += [relay, Retention(database, settings.kafka(), SERVICE, keep=settings.journal_kept())]
    if "consumer" in roles:
        parts.append(consuming(settings, database, health))
    if "worker" in roles:
        parts.append(reconciling(settings, database, health))
    if "stream" in roles:
        stream = Stream(settings.kafka(), health, Limits(per_address=settings.stream_connections_per_address))
        parts.append(stream)
        port = settings.stream_port_beside("api" in roles)
        proxies = settings.trusted_proxies
        servers.append(stream_server(stream, host=settings.http_host, port=port, trusted_proxies=proxies))
    return Process(health=health, parts=parts, servers=servers)


def deciding(settings: Settings, database: Database, health: Health, relay: Relay | None) -> Journal:
    """The journal; a relay in the same process is woken by it."""
    ring = (lambda: None) if relay is None else relay.ring
    decided = Journal(database, decisions(settings.site()), published=ring, secret=settings.journal_secret())
    health.progress_of("journal", lambda: {"lanes": decided.held(), "oldest_seconds": decided.oldest_seconds()})
    return decided


def serving(
    settings: Settings, database: Database, health: Health, decided: Journal, auth: Authenticator
) -> HttpServer:
    """The HTTP API in front of the journal."""

    async def seen(callers: Sequence[Caller]) -> None:
        commands = [person.see_command(caller.member_id) for caller in callers]
        await hand_over(database, commands)

    api = create_api(
        title="Convene events",
        version=version("events-service"),
        settings=settings,
        database=database,
        journal=decided,
        auth=auth,
        health=health,
        routers=ROUTERS,
        lean_routes=LEAN,
        refusals=REFUSALS,
        consumed_topics=TOPICS,
        seen=seen,
    )
    proxies = settings.trusted_proxies
    return HttpServer(api, host=settings.http_host, port=settings.http_port, trusted_proxies=proxies)


def relaying(settings: Settings, database: Database, health: Health) -> Relay:
    """The relay role: from the journal to the topics."""
    relay = Relay(database, settings.kafka(), SERVICE, secret=settings.journal_secret())

    async def progress() -> dict[str, float]:
        return {"lanes": relay.held(), "oldest_seconds": await relay.oldest_seconds()}

    health.progress_of("relay", progress)
    return relay


def consuming(settings: Settings, database: Database, health: Health) -> Consumers:
    """The consumer role: from others' topics to projections and the journal."""
    reading = _reading(settings, database)
    health.progress_of("consumer", reading.progress)
    return reading


def _reading(settings: Settings, database: Database) -> Consumers:
    return Consumers(SERVICE, database, settings.kafka(), SUBSCRIPTIONS)


def reconciling(settings: Settings, database: Database, health: Health) -> Reconciler:
    """Of the worker role: proves the books on a schedule."""
    reconciler = Reconciler(books(settings, database), reconcile.timing(settings))
    health.progress_of("reconcile", reconciler.progress)
    return reconciler


class _Closing:
    """Starts first and so stops last: lets go of what the other parts have used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.auth: Authenticator | None = None

    async def start(self) -> None:
        """Nothing is connected before its first use."""

    async def stop(self) -> None:
        if self.auth is not None:
            await self.auth.close()
        self._database.close()
