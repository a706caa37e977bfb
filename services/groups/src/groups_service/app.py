"""The composition root: what each role of the service is made of."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from chassis import dead_letters, journal, topics
from chassis.auth import Authenticator, Caller
from chassis.consumers import Consumers
from chassis.consumers import prepare as prepare_consumers
from chassis.health import Health, writable
from chassis.http import create_api, probe_app
from chassis.journal import Journal, hand_over
from chassis.journal.decision import Decider
from chassis.journal.shape import lane_index
from chassis.mongo import Database, connect
from chassis.reconcile import Report, reconcile
from chassis.relay import Relay
from chassis.retention import Retention
from chassis.serve import Part, Process
from chassis.server import HttpServer
from chassis.telemetry import mongo_listeners
from contracts.registry import topics as registry
from groups_service import messages
from groups_service.consumers import SUBSCRIPTIONS
from groups_service.domain.number import SHELVES
from groups_service.handlers import group, member, membership
from groups_service.http import ROUTERS
from groups_service.http.refusals import REFUSALS
from groups_service.settings import Settings
from groups_service.store import reconcile as books
from groups_service.store import schema
from groups_service.store.circle import CircleStore
from groups_service.store.group import GROUPS
from groups_service.store.member import MEMBERS, MemberStore
from groups_service.store.number import Numbers

SERVICE: Final = Settings.service
ROLES: Final = ("api", "consumer", "relay")
"""What a process may be; one without roles is all of them."""
CHECKS: Final = (books.people, books.names)
"""What must be 0 in this service's own documents."""


def decisions(lanes: int) -> dict[str, Decider[Any]]:
    """Every command this service decides. Raises ValueError for more lanes than there are shelves of numbers."""
    if lanes > SHELVES:
        raise ValueError(f"JOURNAL_LANES is {lanes}; the groups service has numbers for at most {SHELVES} lanes")
    numbers = Numbers(lambda aggregate: lane_index(aggregate, lanes))
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
        await journal.prepare(database, lanes=settings.journal_lanes)
        await prepare_consumers(database)
        await schema.prepare(database)
        await topics.apply(settings.kafka(), registry())
    finally:
        database.close()


async def reconciled(settings: Settings) -> Report:
    """Whether the books agree: the journal's, the topics', and this service's own documents'."""
    database = connect(settings.mongo_url.get_secret_value())
    kafka, consumed = settings.kafka(), [subscription.topic for subscription in SUBSCRIPTIONS]
    reading = Consumers(SERVICE, database, kafka, SUBSCRIPTIONS, lanes=settings.journal_lanes)
    try:
        return await reconcile(
            database,
            kafka,
            SERVICE,
            deciders=decisions(settings.journal_lanes),
            consumed=consumed,
            group=reading.group,
            checks=CHECKS,
        )
    finally:
        database.close()


async def build(settings: Settings, roles: Sequence[str]) -> Process:
    """A process with these roles. Raises NotPrepared when `setup` has not run on the database."""
    database = connect(settings.mongo_url.get_secret_value(), listeners=mongo_listeners())
    await schema.verify(database)
    health = Health()
    health.ready_when("database", writable(database))
    closing = _Closing(database)
    parts: list[Part] = [closing]
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
    return Process(health=health, parts=parts, servers=servers)


def deciding(settings: Settings, database: Database, health: Health, relay: Relay | None) -> Journal:
    """The journal; a relay in the same process is woken by it."""
    lanes = settings.journal_lanes
    ring = (lambda: None) if relay is None else relay.ring
    decided = Journal(
        database,
        decisions(lanes),
        lanes=lanes,
        published=ring,
        secret=settings.journal_secret(),
    )
    health.progress_of("journal", lambda: {"oldest_seconds": decided.oldest_seconds()})
    return decided


def serving(
    settings: Settings, database: Database, health: Health, decided: Journal, auth: Authenticator
) -> HttpServer:
    """The HTTP API in front of the journal."""

    async def seen(callers: Sequence[Caller]) -> None:
        commands = [member.registration(caller.member_id) for caller in callers]
        await hand_over(database, commands, lanes=settings.journal_lanes)

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
    relay = Relay(database, settings.kafka(), SERVICE, lanes=settings.journal_lanes, secret=settings.journal_secret())

    async def progress() -> dict[str, float]:
        return {"oldest_seconds": await relay.oldest_seconds()}

    health.progress_of("relay", progress)
    return relay


def consuming(settings: Settings, database: Database, health: Health) -> Consumers:
    """The consumer role: from others' topics to the journal."""
    reading = Consumers(SERVICE, database, settings.kafka(), SUBSCRIPTIONS, lanes=settings.journal_lanes)
    health.progress_of("consumer", reading.progress)
    return reading


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
