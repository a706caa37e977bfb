"""What must be 0 in this service's documents, each step of it in one snapshot."""

from collections.abc import Iterable
from typing import Final

from chassis.mongo import Database, Document, Session
from chassis.reconcile import Check, Documents, Walk, Wrong
from notifications_service.domain.delivery import SPREAD_AGAIN
from notifications_service.domain.notice import WITH_A_STAKE, Kind
from notifications_service.handlers.contact import VERIFY
from notifications_service.handlers.inbox import inbox_of
from notifications_service.store.account import READS
from notifications_service.store.notice import INBOX, MAILS
from notifications_service.store.projection import EVENTS, GROUPS, MEMBERSHIPS, RSVPS, membership_id
from notifications_service.store.spread import SPREADS


async def told(database: Database, session: Session, found: Documents) -> Wrong:
    """People with a seat or a place in line whom no line told so."""
    stakes = [rsvp for rsvp in found if rsvp["state"] in WITH_A_STAKE]
    boxes = sorted({inbox_of(stake["member_id"]) for stake in stakes})
    theirs: list[Document] = [{"_id": {"$gte": box, "$lt": f"{box[:-1]}/"}} for box in boxes]
    if not theirs:
        return {}
    lines = await database[INBOX].find(
        {"$or": theirs, "kind": {"$regex": r"^rsvp\."}}, fields={"member_id": 1, "event_id": 1}, session=session
    )
    known = {(line["member_id"], line["event_id"]) for line in lines}
    return {"rsvps_untold": [s["_id"] for s in stakes if (s["member_id"], s["event_id"]) not in known]}


async def caused(database: Database, session: Session, found: Documents) -> Wrong:
    """Lines about an event or a membership that this service has never heard of, though it wrote them down first."""
    events = {line["_id"]: line["event_id"] for line in found if line["kind"].startswith("event.")}
    joins = {
        line["_id"]: _joined(line)
        for line in found
        if line["kind"].startswith("join.") and not line.get("event_id")  # an RSVP that was refused makes no membership
    }
    heard = await _known(database, EVENTS, events.values(), session) | await _known(
        database, MEMBERSHIPS, joins.values(), session
    )
    return {"lines_without_cause": [line for line, cause in {**events, **joins}.items() if cause not in heard]}


def _joined(line: Document) -> str:
    """Whose membership a line speaks of: a request tells its group's leaders, an approval the member."""
    return membership_id(line["group_id"], line.get("about") or line["member_id"])


async def mails(database: Database, session: Session, found: Documents) -> Wrong:
    """Mails about a line that is not there, and mails that are not done and that no worker will ever take up."""
    noticed = {mail["_id"]: _lines_of(mail) for mail in found if mail["kind"] not in (VERIFY, Kind.ERASURE_RECEIPT)}
    lines = await _known(database, INBOX, (line for some in noticed.values() for line in some), session)
    return {
        "mails_without_line": [mail for mail, some in noticed.items() if not lines.issuperset(some)],
        "mails_lost": [mail["_id"] for mail in found if mail["state"] in UNDONE and "due_at" not in mail],
    }


def _lines_of(mail: Document) -> list[str]:
    """The line that a mail is about, or those that a digest has taken up."""
    items = mail.get("items")
    return [mail["line"]] if items is None else [item["line"] for item in items]


async def read(database: Database, session: Session, found: Documents) -> Wrong:
    """Lines that were read and are not there."""
    lines = await _known(database, INBOX, (one["_id"] for one in found), session)
    return {"reads_of_no_line": [one["_id"] for one in found if one["_id"] not in lines]}


async def spreads(database: Database, session: Session, found: Documents) -> Wrong:
    """Spreads about an event or a group nobody has heard of, and spreads that are not done and that no worker will take
    up. Of what somebody said the post may have gone since, and its event may come later, as that of an offer may."""
    unsaid = [spread for spread in found if spread.get("post_id") is None and spread["audience"] != "offered"]
    events = {spread["_id"]: spread["event_id"] for spread in unsaid if spread["event_id"] is not None}
    groups = {spread["_id"]: spread["group_id"] for spread in unsaid if spread["event_id"] is None}
    heard = await _known(database, EVENTS, events.values(), session) | await _known(
        database, GROUPS, groups.values(), session
    )
    return {
        "spreads_without_cause": [spread for spread, cause in {**events, **groups}.items() if cause not in heard],
        "spreads_lost": [s["_id"] for s in found if s["look"] < len(SPREAD_AGAIN) and "due_at" not in s],
    }


async def _known(database: Database, collection: str, ids: Iterable[str], session: Session) -> set[str]:
    """Those of the ids that the collection has."""
    wanted = sorted(set(ids))
    found = await database[collection].find({"_id": {"$in": wanted}}, fields={"_id": 1}, session=session)
    return {document["_id"] for document in found}


UNDONE: Final = ("waiting", "sending")
CHECKS: Final[tuple[Check, ...]] = (
    Walk(RSVPS, ("rsvps_untold",), told, fields={"member_id": 1, "event_id": 1, "state": 1}),
    Walk(
        INBOX,
        ("lines_without_cause",),
        caused,
        fields={"kind": 1, "member_id": 1, "event_id": 1, "group_id": 1, "about": 1},
        step=200,
    ),
    Walk(
        MAILS,
        ("mails_without_line", "mails_lost"),
        mails,
        fields={"kind": 1, "line": 1, "items.line": 1, "state": 1, "due_at": 1},
        step=200,
    ),
    Walk(READS, ("reads_of_no_line",), read, fields={"_id": 1}, step=200),
    Walk(
        SPREADS,
        ("spreads_without_cause", "spreads_lost"),
        spreads,
        fields={"event_id": 1, "group_id": 1, "post_id": 1, "audience": 1, "look": 1, "due_at": 1},
    ),
)
