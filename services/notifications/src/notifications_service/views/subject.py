"""What a notice speaks of, as this service knows it now: looked up in the projections, many at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.mongo import Database, Document
from notifications_service.texts import EventFacts, Subject


@dataclass(frozen=True, slots=True)
class Known:
    """Projections by id; what has not arrived is not there."""

    events: dict[str, Document]
    groups: dict[str, Document]
    members: dict[str, Document]

    def complete(self, notice: Document) -> bool:
        """Whether the event and the group of a notice are known, if it is about any; some say themselves of which."""
        event, group = notice.get("event_id"), notice.get("group_id")
        there = event is None or event in self.events or "event" in notice.get("details", {})
        return there and (group is None or group in self.groups)

    def cancelled(self, notice: Document) -> bool:
        event = self.events.get(notice.get("event_id", ""))
        return event is not None and event["status"] == "cancelled"

    def locale(self, member_id: str) -> str:
        return str(self.members.get(member_id, {}).get("locale", "en"))

    def subject(self, notice: Document) -> Subject:
        return Subject(
            event=self._event(notice),
            group=self.groups.get(notice.get("group_id", ""), {}).get("name"),
            about=self.members.get(notice.get("about", ""), {}).get("name") or None,
            details=notice.get("details", {}),
        )

    def _event(self, notice: Document) -> EventFacts | None:
        event, said = self.events.get(notice.get("event_id", "")), notice.get("details", {}).get("event")
        if event is not None:
            return EventFacts(event["title"], event["starts_at_utc"], event["timezone"], event["where"])
        if said is not None:
            return EventFacts(said["title"], datetime.fromisoformat(said["starts_at"]), said["timezone"])
        return None


async def known_about(database: Database, notices: Sequence[Document]) -> Known:
    """The projections that these notices need: each collection is asked once, and not at all for nothing."""
    members = {notice["member_id"] for notice in notices} | _named(notices, "about")
    return Known(
        events=await _by_id(database, "events", _named(notices, "event_id")),
        groups=await _by_id(database, "groups", _named(notices, "group_id")),
        members=await _by_id(database, "members", members),
    )


def _named(notices: Iterable[Document], field: str) -> set[str]:
    return {notice[field] for notice in notices if notice.get(field)}


async def _by_id(database: Database, collection: str, ids: set[str]) -> dict[str, Document]:
    if not ids:
        return {}
    found = await database[collection].find({"_id": {"$in": sorted(ids)}, "deleted": {"$ne": True}})
    return {document["_id"]: document for document in found}
