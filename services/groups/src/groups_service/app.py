"""The composition root: what each role of the service is made of."""

from collections.abc import AsyncIterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from chassis.composition import Composition
from chassis.mongo import connect
from chassis.serve import Process
from chassis.service import Service
from groups_service.consumers import SUBSCRIPTIONS
from groups_service.decisions import decisions
from groups_service.handlers.member import registration
from groups_service.http import ROUTERS
from groups_service.http.refusals import REFUSALS
from groups_service.settings import Settings
from groups_service.store import schema
from groups_service.store.audit import Verified, verified
from groups_service.store.due import DueGroups
from groups_service.store.group import GROUP_NUMBERS
from groups_service.store.holdings import GroupsHoldings
from groups_service.store.member import MEMBER_NUMBERS
from groups_service.store.privacy import DueErasures
from groups_service.store.reconcile import CHECKS
from groups_service.workers.erasure import erasing

ROLES: Final = ("api", "consumer", "relay", "worker")
"""What a process may be; one without roles is all of them."""


def own(settings: Settings) -> Service:
    """What this service is, beside what every service is."""
    return Service(settings, decisions(), SUBSCRIPTIONS, schema, CHECKS, numbers=(GROUP_NUMBERS, MEMBER_NUMBERS))


async def audited(settings: Settings) -> Verified:
    """Whether every group's audit log is as it was written."""
    database = connect(settings.mongo_url.get_secret_value())
    try:
        return await verified(database)
    finally:
        database.close()


async def erased(settings: Settings, member_id: str) -> AsyncIterator[Mapping[str, Any]]:
    """Have a member forgotten at once by all services; how far that is, until it is done."""
    database = connect(settings.mongo_url.get_secret_value())
    try:
        async for step in erasing(database, member_id):
            yield step
    finally:
        database.close()


async def build(settings: Settings, roles: Sequence[str]) -> Process:
    """A process with these roles; it does not start when `setup` has not run on the database."""
    process = Composition(own(settings))
    process.wait_for_database()
    if "api" in roles:
        process.api(
            title="Convene groups",
            version=version("groups-service"),
            routers=ROUTERS,
            refusals=REFUSALS,
            met=registration,
        )
    else:
        process.probes()
    if "relay" in roles:
        process.relay()
    if "consumer" in roles:
        process.consumer()
    if "worker" in roles:
        process.reconciler()
        process.privacy(GroupsHoldings())
        process.due("due", DueGroups(process.database))
        process.due("erasures", DueErasures(process.database))
    return process.process()
