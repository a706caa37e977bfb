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
from chassis.ids import random_id
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
from notifications_service.consumers import SUBSCRIPTIONS
from notifications_service.handlers import contact, inbox, member
from notifications_service.http.contact import ContactRoutes
from notifications_service.http.inbox import InboxRoutes
from notifications_service.http.refusals import REFUSALS
from notifications_service.messages import tell_member, tell_nothing
from notifications_service.settings import Settings
from notifications_service.store import schema
from notifications_service.store.account import ContactStore, InboxStore, MemberStore
from notifications_service.store.mail import Mails
from notifications_service.store.notice import ACCOUNTS, MAILS
from notifications_service.store.reconcile import CHECKS
from notifications_service.store.spread import SPREADS, Spreads
from notifications_service.texts import Texts
from notifications_service.workers.doorbell import Doorbell
from notifications_service.workers.mail import Links, MailWorker
from notifications_service.workers.part import Workers
from notifications_service.workers.smtp import Sender
from notifications_service.workers.spread import SpreadWorker

SERVICE: Final = Settings.service
ROLES: Final = ("api", "consumer", "relay", "worker")
"""What a process may be; one without roles is all of them."""


def decisions() -> dict[str, Decider[Any]]:
    """Every command this service decides."""
    reach, lines, met = ContactStore, InboxStore, MemberStore
    quiet = tell_nothing
    return {
        contact.GIVE: Decider(
            ACCOUNTS, reach.reads_giving, reach.load, contact.decide_give, reach.save, quiet, contact.ADDRESS
        ),
        contact.VERIFY: Decider(ACCOUNTS, reach.reads, reach.load, contact.decide_verify, reach.save, quiet),
        inbox.READ: Decider(ACCOUNTS, lines.reads, lines.load, inbox.decide_read, lines.save, quiet),
        member.MEET: Decider(ACCOUNTS, met.reads, met.load, member.decide_meet, met.save, tell_member),
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
        return await new_generation(database, settings.kafka(), SERVICE, registry(), secret=settings.journal_secret())
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
    if "worker" in roles:
        parts += [working(settings, database, health), reconciling(settings, database, health)]
    if "consumer" in roles:
        parts.append(consuming(settings, database, health))
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
        commands = [member.meeting(caller.member_id) for caller in callers]
        await hand_over(database, commands)

    texts = Texts()
    contacts = ContactRoutes(settings.sealer("address"), settings.sealer("link"), texts)
    api = create_api(
        title="Convene notifications",
        version=version("notifications-service"),
        settings=settings,
        database=database,
        journal=decided,
        auth=auth,
        health=health,
        routers=[contacts.router(), InboxRoutes(texts).router()],
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
    """The consumer role: from others' topics to projections, inboxes and the queue of mails."""
    reading = _reading(settings, database)
    health.progress_of("consumer", reading.progress)
    return reading


def _reading(settings: Settings, database: Database) -> Consumers:
    return Consumers(SERVICE, database, settings.kafka(), SUBSCRIPTIONS)


def working(settings: Settings, database: Database, health: Health) -> Workers:
    """The worker role: spreads and mails."""
    worker = random_id()
    mails = Mails(database, worker)

    async def progress() -> dict[str, float]:
        return {"oldest_seconds": await mails.oldest_seconds()}

    health.progress_of("mails", progress)
    sender = Sender(settings.smtp(), connections=settings.smtp_connections)
    # bulk mails do not ring one by one: thousands come at once, and the spread worker rings after each chunk
    new_mail = Doorbell(database, MAILS, {"pace": "prompt"})
    new_spread = Doorbell(database, SPREADS)
    mail = MailWorker(
        database,
        mails,
        sender,
        texts=Texts(),
        addresses=settings.sealer("address"),
        tokens=settings.sealer("link"),
        mail_from=settings.sender(),
        links=Links(settings.own_url(), settings.site_url and settings.site_url.rstrip("/")),
        doorbell=new_mail,
        at_once=settings.smtp_connections * 2,
    )
    spread = SpreadWorker(Spreads(database, worker), new_spread, told=new_mail.ring)
    return Workers(mail=mail, spread=spread, doorbells=(new_mail, new_spread), sender=sender)


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
