"""The composition root: what each role of the service is made of."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from chassis import dead_letters, journal, reconcile, topics
from chassis.auth import Authenticator, Caller
from chassis.awaited import Awaited
from chassis.consumers import Consumers
from chassis.consumers import prepare as prepare_consumers
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
from groups_service import messages
from groups_service.consumers import SUBSCRIPTIONS
from groups_service.handlers import group, member, membership
from groups_service.http import ROUTERS
from groups_service.http.refusals import REFUSALS
from groups_service.settings import Settings
from groups_service.store import number, schema
from groups_service.store.circle import CircleStore
from groups_service.store.group import GROUPS
from groups_service.store.member import MEMBERS, MemberStore
from groups_service.store.number import Numbers
from groups_service.store.reconcile import CHECKS

SERVICE: Final = Settings.service
ROLES: Final = ("api", "consumer", "relay", "worker")
"""What a process may be; one without roles is all of them."""


def decisions() -> dict[str, Decider[Any]]:
    """Every command this service decides."""
    numbers = Numbers()
    known, circle = MemberStore(numbers), CircleStore(numbers)
    tell_member, tell = messages.tell_member, messages.tell_circle
    reads, load, save = circle.reads, circle.load, circle.save
    reads_join, load_join = circle.reads_joining, circle.load_joining
    reads_new, load_new = circle.reads_creating, circle.load_creating
    reads_edit, load_edit = circle.reads_changing, circle.load_changing
    join_for_event, answers = membership.decide_join_for_event, membership.ANSWERS
    return {
        member.REGISTER: Decider(
            MEMBERS, known.reads, known.load, member.decide_register, known.save, tell_member, member.REGISTERS
        ),
        member.DESCRIBE: Decider(
            MEMBERS, known.reads, known.load, member.decide_describe, known.save, tell_member, member.DESCRIBES
        ),
        group.CREATE: Decider(GROUPS, reads_new, load_new, group.decide_create, save, tell),
        group.CHANGE: Decider(GROUPS, reads_edit, load_edit, group.decide_change, save, tell),
        membership.JOIN: Decider(GROUPS, reads_join, load_join, membership.decide_join, save, tell, answers),
        membership.JOIN_FOR_EVENT: Decider(GROUPS, reads_join, load_join, join_for_event, save, tell, answers),
        membership.APPROVE: Decider(GROUPS, reads, load, membership.decide_approve, save, tell, answers),
        membership.REJECT: Decider(GROUPS, reads, load, membership.decide_reject, save, tell, answers),
        membership.LEAVE: Decider(GROUPS, reads, load, membership.decide_leave, save, tell, answers),
        membership.CHANGE_ROLE: Decider(GROUPS, reads, load, membership.decide_change_role, save, tell, answers),
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
        decisions(),
        consumed=[subscription.topic for subscription in SUBSCRIPTIONS],
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
    """A process with these roles; it does not start when `setup` has not run on the database."""
    database = connect(settings.mongo_url.get_secret_value(), listeners=mongo_listeners())
    health = Health()
    health.ready_when("database", writable(database))
    closing = _Closing(database)
    parts: list[Part] = [closing, Awaited(database, schema.verify)]
    servers: list[Part] = []
    relay = relaying(settings, database, health) if "relay" in roles else None
    if "api" in roles:
        closing.auth = Authenticator.of(settings)
        decided = deciding(settings, database, health, relay)
        servers.append(serving(settings, database, health, decided, closing.auth))
        parts.append(decided)
    elif settings.health_port is not None:
        servers.append(HttpServer(probe_app(health), host=settings.http_host, port=settings.health_port))
    if relay is not None:
        parts += [relay, Retention(database, settings.kafka(), SERVICE, keep=settings.journal_kept())]
    if "consumer" in roles:
        parts.append(consuming(settings, database, health))
    if "worker" in roles:
        parts.append(reconciling(settings, database, health))
    return Process(health=health, parts=parts, servers=servers)


def deciding(settings: Settings, database: Database, health: Health, relay: Relay | None) -> Journal:
    """The journal; a relay in the same process is woken by it."""
    ring = (lambda: None) if relay is None else relay.ring
    decided = Journal(database, decisions(), published=ring, secret=settings.journal_secret())
    health.progress_of("journal", lambda: {"lanes": decided.held(), "oldest_seconds": decided.oldest_seconds()})
    return decided


def serving(
    settings: Settings, database: Database, health: Health, decided: Journal, auth: Authenticator
) -> HttpServer:
    """The HTTP API in front of the journal."""

    async def seen(callers: Sequence[Caller]) -> None:
        commands = [member.registration(caller.member_id) for caller in callers]
        await hand_over(database, commands)

    api = create_api(
        title="Convene groups",
        version=version("groups-service"),
        settings=settings,
        database=database,
        journal=decided,
        auth=auth,
        health=health,
        routers=ROUTERS,
        refusals=REFUSALS,
        consumed_topics=[subscription.topic for subscription in SUBSCRIPTIONS],
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
    """The consumer role: from others' topics to the journal."""
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
