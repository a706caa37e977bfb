"""The composition root: what each role of the service is made of."""

from collections.abc import Collection
from typing import Any

import structlog

from chassis import telemetry
from chassis.auth import Authenticator, Caller
from chassis.consumers import Consumers
from chassis.consumers.group import prepare as prepare_consumers
from chassis.health import Health, writable
from chassis.http import Api, create_api, probe_app
from chassis.ids import random_id
from chassis.journal import Decider, Deciders, Journal
from chassis.journal import prepare as prepare_journal
from chassis.mongo import Database, connect
from chassis.relay import Relay
from chassis.serve import Part, Process
from chassis.server import HttpServer
from notifications_service.consumers.subscriptions import SUBSCRIPTIONS, TOPICS
from notifications_service.handlers import contact, inbox, member
from notifications_service.http.contact import ContactRoutes
from notifications_service.http.inbox import InboxRoutes
from notifications_service.messages import tell_member, tell_nothing
from notifications_service.settings import Settings
from notifications_service.store import schema
from notifications_service.store.account import ContactStore, InboxStore, MemberStore
from notifications_service.store.mail import Mails
from notifications_service.store.notice import ACCOUNTS, MAILS
from notifications_service.store.spread import SPREADS, Spreads
from notifications_service.texts import Texts
from notifications_service.workers.doorbell import Doorbell
from notifications_service.workers.mail import Links, MailWorker
from notifications_service.workers.part import Workers
from notifications_service.workers.smtp import Sender
from notifications_service.workers.spread import SpreadWorker

ROLES = ("api", "consumer", "relay", "worker")

DECISIONS: Deciders = {
    contact.GIVE: Decider(
        ACCOUNTS, ContactStore.reads_giving, ContactStore.load, contact.decide_give, ContactStore.save, tell_nothing
    ),
    contact.VERIFY: Decider(
        ACCOUNTS, ContactStore.reads, ContactStore.load, contact.decide_verify, ContactStore.save, tell_nothing
    ),
    inbox.READ: Decider(ACCOUNTS, InboxStore.reads, InboxStore.load, inbox.decide_read, InboxStore.save, tell_nothing),
    member.MEET: Decider(
        ACCOUNTS, MemberStore.reads, MemberStore.load, member.decide_meet, MemberStore.save, tell_member
    ),
}

REFUSALS = {
    "too-many-verifications": (429, "Too many verification mails"),
    "link-replaced": (409, "The link has been replaced"),
    "link-expired": (410, "The link has expired"),
    "no-such-line": (404, "Not Found"),
}

_log = structlog.get_logger(__name__)


async def prepare(settings: Settings) -> None:
    """Make collections and indexes; safe to run again."""
    database = connect(settings.mongo_url.get_secret_value())
    try:
        await prepare_journal(database, lanes=settings.journal_lanes)
        await prepare_consumers(database)
        await schema.prepare(database)
    finally:
        database.close()


async def build(settings: Settings, roles: Collection[str]) -> Process:
    """The process that plays these roles."""
    database = connect(settings.mongo_url.get_secret_value(), listeners=telemetry.mongo_listeners())
    health = Health()
    health.ready_when("database", writable(database))
    texts = Texts()
    parts: list[Part] = []
    servers: list[Part] = []
    if "relay" in roles:
        relay = Relay(database, settings.kafka(), settings.service, lanes=settings.journal_lanes)
        parts.append(relay)
        health.progress_of("relay", lambda: _oldest(relay))
    if "api" in roles:
        journal = Journal(database, DECISIONS, lanes=settings.journal_lanes)
        parts.append(journal)
        health.progress_of("journal", lambda: {"oldest_seconds": journal.oldest_seconds()})
        api = build_api(settings, database, journal, health, texts)
        servers.append(_server(settings, api, settings.http_port))
    elif settings.health_port is not None:
        servers.append(_server(settings, probe_app(health), settings.health_port))
    if "consumer" in roles:
        reading = Consumers(settings.service, database, settings.kafka(), SUBSCRIPTIONS, lanes=settings.journal_lanes)
        parts.append(reading)
        health.progress_of("consumer", reading.progress)
    if "worker" in roles:
        parts.append(build_workers(settings, database, texts))
    return Process(health, parts, servers)


def build_api(settings: Settings, database: Database, journal: Journal, health: Health, texts: Texts) -> Api:
    async def seen(caller: Caller) -> None:
        await member.meet(journal, caller.member_id, trace=telemetry.current_traceparent())

    return create_api(
        title="Convene notifications",
        version="1",
        settings=settings,
        database=database,
        journal=journal,
        auth=Authenticator.of(settings),
        health=health,
        routers=[
            ContactRoutes(settings.sealer("address"), settings.sealer("link"), texts).router(),
            InboxRoutes(texts).router(),
        ],
        refusals=REFUSALS,
        consumed_topics=TOPICS,
        seen=seen,
    )


def build_workers(settings: Settings, database: Database, texts: Texts) -> Workers:
    worker = random_id()
    sender = Sender(settings.smtp(), connections=settings.smtp_connections)
    # bulk mails come from the spread worker, whose chunks need no ring of their own
    new_mail = Doorbell(database, MAILS, {"pace": "prompt"})
    new_spread = Doorbell(database, SPREADS)
    mail = MailWorker(
        database,
        Mails(database, worker),
        sender,
        texts=texts,
        addresses=settings.sealer("address"),
        tokens=settings.sealer("link"),
        mail_from=settings.sender(),
        links=Links(settings.own_url(), settings.site_url and settings.site_url.rstrip("/")),
        doorbell=new_mail,
        at_once=settings.smtp_connections * 2,
    )
    spread = SpreadWorker(Spreads(database, worker), new_spread)
    return Workers(mail=mail, spread=spread, doorbells=(new_mail, new_spread), sender=sender)


def _server(settings: Settings, app: Any, port: int) -> HttpServer:
    return HttpServer(app, host=settings.http_host, port=port, trusted_proxies=settings.trusted_proxies)


async def _oldest(relay: Relay) -> dict[str, float]:
    return {"oldest_seconds": await relay.oldest_seconds()}
