"""What must be 0 in the documents of networks and of what goes on in groups, each step of it in one snapshot."""

from collections import Counter
from typing import Final

from chassis.journal.shape import HANDOFFS
from chassis.mongo import Database, Document, Session
from chassis.reconcile import Check, Documents, Walk, Wrong
from groups_service.store.activity import ACTIVITY, ACTIVITY_EVENTS, EVENT_FIELDS, counted
from groups_service.store.group import GROUPS
from groups_service.store.network import NETWORKS, WELCOMES, welcome_ref
from groups_service.store.rating import ACTIVITY_EVENT_RATINGS, ACTIVITY_RATINGS, is_recountable, stars_of


async def welcomes(database: Database, session: Session, found: Documents) -> Wrong:
    """Networks that count wrongly whom they welcome."""
    ids = [network["_id"] for network in found]
    rows = await database[WELCOMES].find({"network_id": {"$in": ids}}, fields={"network_id": 1}, session=session)
    stand = Counter(row["network_id"] for row in rows)
    return {"welcomes_miscounted": [one["_id"] for one in found if one["welcomes"] != stand[one["_id"]]]}


async def chapters(database: Database, session: Session, found: Documents) -> Wrong:
    """Groups in a network that does not welcome them, and that nobody is about to tell so."""
    inside = [group for group in found if group.get("network_id") is not None]
    if not inside:
        return {"chapters_unwelcome": []}
    wanted = {welcome_ref(group["network_id"], group["_id"]).id: group["_id"] for group in inside}
    stand = await database[WELCOMES].find({"_id": {"$in": sorted(wanted)}}, fields={"_id": 1}, session=session)
    for row in stand:
        del wanted[row["_id"]]
    waiting = {"aggregate": {"$in": sorted(wanted.values())}}
    told = {row["aggregate"] for row in await database[HANDOFFS].find(waiting, session=session)} if wanted else set()
    return {"chapters_unwelcome": [group_id for group_id in wanted.values() if group_id not in told]}


async def activity(database: Database, session: Session, found: Documents) -> Wrong:
    """Groups whose events come to something else than what is kept of them."""
    mine = [one for one in found if not one.get("deleted")]
    where = {"group_id": {"$in": [one["_id"] for one in mine]}}
    rows = await database[ACTIVITY_EVENTS].find(where, fields=EVENT_FIELDS, session=session)
    wrong = [one["_id"] for one in mine if counted(one["_id"], rows).items() - one.items()]
    return {"activity_wrong": wrong}


async def nothing_kept(database: Database, session: Session, found: Documents) -> Wrong:
    """Groups of whose events nothing is kept at all."""
    ids = [group["_id"] for group in found]
    rows = await database[ACTIVITY].find({"_id": {"$in": ids}}, fields={"_id": 1}, session=session)
    without = set(ids) - {row["_id"] for row in rows}
    where = {"group_id": {"$in": sorted(without)}}
    events = await database[ACTIVITY_EVENTS].find(where, fields={"group_id": 1}, session=session) if without else []
    return {"activity_wrong": sorted({event["group_id"] for event in events})}


async def stars(database: Database, session: Session, found: Documents) -> Wrong:
    """Groups whose rated events come to other stars than are counted for the group."""
    ids = [group["_id"] for group in found]
    groups = {row["_id"]: row for row in await database[ACTIVITY_RATINGS].find({"_id": {"$in": ids}}, session=session)}
    rated: dict[str, list[Document]] = {id_: [] for id_ in ids}
    for row in await database[ACTIVITY_EVENT_RATINGS].find({"group_id": {"$in": ids}}, session=session):
        rated[row["group_id"]].append(row)
    shown = {id_: [groups[id_]] if id_ in groups else [] for id_ in ids}
    old = {id_ for id_, row in groups.items() if not is_recountable(row)}
    return {"stars_wrong": [id_ for id_ in ids if id_ not in old and stars_of(shown[id_]) != stars_of(rated[id_])]}


NETWORK_CHECKS: Final[tuple[Check, ...]] = (
    Walk(NETWORKS, ("welcomes_miscounted",), welcomes, fields={"welcomes": 1}, step=20),
    Walk(GROUPS, ("chapters_unwelcome",), chapters, fields={"network_id": 1}),
    Walk(ACTIVITY, ("activity_wrong",), activity, step=20),
    Walk(GROUPS, ("activity_wrong",), nothing_kept, fields={"_id": 1}),
    Walk(GROUPS, ("stars_wrong",), stars, fields={"_id": 1}, step=20),
)
