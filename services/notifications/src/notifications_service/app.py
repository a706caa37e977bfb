"""The composition root: what each role of the service is made of."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from chassis.composition import Composition
from chassis.health import Health
from chassis.ids import random_id
from chassis.mongo import Database
from chassis.serve import Process
from chassis.service import Service
from notifications_service.consumers import SUBSCRIPTIONS
from notifications_service.decisions import decisions
from notifications_service.handlers.member import meeting
from notifications_service.http.contact import ContactRoutes
from notifications_service.http.inbox import InboxRoutes
from notifications_service.http.refusals import REFUSALS
from notifications_service.settings import Settings
from notifications_service.store import schema
from notifications_service.store.mail import Mails
from notifications_service.store.notice import MAILS
from notifications_service.store.privacy import NotificationsHoldings
from notifications_service.store.reconcile import CHECKS
from notifications_service.store.spread import SPREADS, Spreads
from notifications_service.texts import Texts
from notifications_service.workers.doorbell import Doorbell
from notifications_service.workers.mail import MailWorker
from notifications_service.workers.part import Workers
from notifications_service.workers.smtp import Sender
from notifications_service.workers.spread import SpreadWorker
from notifications_service.workers.writing import Links, Writer

ROLES: Final = ("api", "consumer", "relay", "worker")
"""What a process may be; one without roles is all of them."""


def own(settings: Settings) -> Service:
    """What this service is, beside what every service is."""
    return Service(settings, decisions(), SUBSCRIPTIONS, schema, CHECKS)


async def build(settings: Settings, roles: Sequence[str]) -> Process:
    """A process with these roles; it does not start when `setup` has not run on the database."""
    process = Composition(own(settings))
    process.wait_for_database()
    if "api" in roles:
        texts = Texts()
        contacts = ContactRoutes(settings.sealer("address"), settings.sealer("link"), texts)
        process.api(
            title="Convene notifications",
            version=version("notifications-service"),
            routers=[contacts.router(), InboxRoutes(texts).router()],
            refusals=REFUSALS,
            met=meeting,
        )
    else:
        process.probes()
    if "relay" in roles:
        process.relay()
    if "worker" in roles:
        process.add(working(settings, process.database, process.health))
        process.privacy(NotificationsHoldings(settings.sealer("address")))
        process.reconciler()
    if "consumer" in roles:
        process.consumer()
    return process.process()


def working(settings: Settings, database: Database, health: Health) -> Workers:
    """Of the worker role: spreads and mails."""
    worker = random_id()
    mails = Mails(database, worker)

    async def progress() -> dict[str, float]:
        return {"oldest_seconds": await mails.oldest_seconds()}

    health.progress_of("mails", progress)
    sender = Sender(settings.smtp(), connections=settings.smtp_connections)
    # bulk mails do not ring one by one: thousands come at once, and the spread worker rings after each chunk
    new_mail = Doorbell(database, MAILS, {"pace": "prompt"})
    new_spread = Doorbell(database, SPREADS)
    writer = Writer(
        Texts(),
        settings.sealer("address"),
        settings.sealer("link"),
        settings.sender(),
        Links(settings.own_url(), settings.site_url and settings.site_url.rstrip("/")),
    )
    mail = MailWorker(database, mails, sender, writer, new_mail, at_once=settings.smtp_connections * 2)
    spreads = Spreads(database, worker, digest_above=settings.announcement_digest_above)
    spread = SpreadWorker(spreads, new_spread, told=new_mail.ring)
    return Workers(mail=mail, spread=spread, doorbells=(new_mail, new_spread), sender=sender)
