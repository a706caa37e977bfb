"""The composition root: what each role of the service is made of."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from chassis.composition import Composition
from chassis.mongo import connect
from chassis.serve import Process
from chassis.service import Service
from events_service.consumers import SUBSCRIPTIONS
from events_service.decisions import decisions
from events_service.handlers.person import see_command
from events_service.http import LEAN, ROUTERS
from events_service.http.refusals import REFUSALS
from events_service.settings import Settings
from events_service.store import schema
from events_service.store.due import DueOffers, OverEvents, QuietPartitions
from events_service.store.privacy import EventsHoldings
from events_service.store.reconcile import CHECKS
from events_service.store.rsvp import RSVP_NUMBERS
from events_service.store.zones import Rezoned, rezoned
from events_service.stream.limits import Limits
from events_service.stream.part import Stream, stream_server

ROLES: Final = ("api", "consumer", "relay", "worker", "stream")
"""What a process may be; one without roles is all of them. A worker proves the books, and sees to it that offers
expire, that what is over ends, and that the public topic gets its record of the day."""


def own(settings: Settings) -> Service:
    """What this service is, beside what every service is."""
    return Service(settings, decisions(settings.site()), SUBSCRIPTIONS, schema, CHECKS, numbers=(RSVP_NUMBERS,))


async def follow_zones(settings: Settings) -> Rezoned:
    """Have the instants of events to come follow the zone rules of this process."""
    database = connect(settings.mongo_url.get_secret_value())
    try:
        return await rezoned(database)
    finally:
        database.close()


async def build(settings: Settings, roles: Sequence[str]) -> Process:
    """A process with these roles; it does not start when `setup` has not run on the database.

    The stream role needs Kafka alone and touches no database.
    """
    process = Composition(own(settings))
    if set(roles) - {"stream"}:
        process.wait_for_database()
    if "api" in roles:
        process.api(
            title="Convene events",
            version=version("events-service"),
            routers=ROUTERS,
            lean_routes=LEAN,
            refusals=REFUSALS,
            met=see_command,
        )
    elif set(roles) - {"stream"}:
        process.probes()
    if "relay" in roles:
        process.relay()
    if "consumer" in roles:
        process.consumer()
    if "worker" in roles:
        process.privacy(EventsHoldings())
        process.reconciler()
        process.due("offers", DueOffers(process.database))
        process.due("over", OverEvents(process.database))
        process.due("quiet", QuietPartitions(process.database))
    if "stream" in roles:
        stream = Stream(settings.kafka(), process.health, Limits(per_address=settings.stream_connections_per_address))
        port = settings.stream_port_beside("api" in roles)
        proxies = settings.trusted_proxies
        process.add(stream)
        process.serve(stream_server(stream, host=settings.http_host, port=port, trusted_proxies=proxies))
    return process.process()
