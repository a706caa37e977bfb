"""What a notice speaks of, as this service knows it now: looked up in the projections, many at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chassis.mongo import Database, Document
from notifications_service.domain.delivery import Circumstances
from notifications_service.texts import EventFacts, Said, Subject


@dataclass(frozen=True, slots=True)
class Known:
    """Projections by id; what has not arrived is not there. Of memberships those that have ended are there too."""

    events: dict[str, Document]
    groups: dict[str, Document]
    members: dict[str, Document]
    posts: dict[str, Document] = field(default_factory=dict)
    memberships: dict[str, Document] = field(default_factory=dict)

    def complete(self, notice: Document) -> bool:
        """Whether the event and the group of a notice are known, if it is about any; some say themselves of which."""
        event, group = notice.get("event_id"), notice.get("group_id")
        there = event is None or event in self.events or "event" in notice.get("details", {})
        return there and (group is None or group in self.groups)

    def circumstances(self, notice: Document) -> Circumstances:
        """What is true now of what a notice speaks of."""
        event = self.events.get(notice.get("event_id", ""))
        return Circumstances(
            event_cancelled=event is not None and event["status"] == "cancelled",
            event_over=event is not None and event["status"] == "past",
            post_gone="post_id" in notice and self.posts.get(notice["post_id"], {}).get("state") != "shown",
            standing=self._standing(notice),
            group_status=self.groups.get(notice.get("group_id", ""), {}).get("status"),
        )

    def locale(self, member_id: str) -> str:
        return str(self.members.get(member_id, {}).get("locale", "en"))

    def subject(self, notice: Document) -> Subject:
        group = self.groups.get(notice.get("group_id", ""), {})
        return Subject(
            event=self._event(notice),
            group=group.get("name"),
            about=self._name(notice.get("about", "")),
            details=notice.get("details", {}),
            excerpt=self._excerpt(notice),
            timezone=group.get("timezone", "UTC"),
            gathered=tuple(self._said(item) for item in notice.get("items", ())),
        )

    def _event(self, notice: Document) -> EventFacts | None:
        event, said = self.events.get(notice.get("event_id", "")), notice.get("details", {}).get("event")
        if event is not None:
            at, online = event["starts_at_utc"], event.get("online", False)
            over = event["status"] == "past"
            return EventFacts(event["title"], at, event["timezone"], event["where"], online, over)
        if said is not None:
            return EventFacts(said["title"], datetime.fromisoformat(said["starts_at"]), said["timezone"])
        return None

    def _said(self, item: Document) -> Said:
        group = self.groups.get(item["group_id"], {}).get("name")
        return Said(group, self._name(item.get("about", "")), self._excerpt(item))

    def _name(self, member_id: str) -> str | None:
        return self.members.get(member_id, {}).get("name") or None

    def _standing(self, notice: Document) -> str | None:
        membership = self.memberships.get(_membership_of(notice))
        return None if membership is None else str(membership.get("state", "none"))

    def _excerpt(self, notice: Document) -> str | None:
        """What was said, in a group for whoever is a member now; their own name in it where they are mentioned."""
        excerpt: str | None = self.posts.get(notice.get("post_id", ""), {}).get("excerpt")
        if not excerpt or ("event_id" not in notice and self._standing(notice) != "active"):
            return None
        name = self._name(notice["member_id"])
        return excerpt if name is None else excerpt.replace(f"@{notice['member_id']}", f"@{name}")


async def known_about(database: Database, notices: Sequence[Document]) -> Known:
    """The projections that these notices, and those in digests among them, need: each collection is asked once, and not
    at all for nothing."""
    gathered = [item for notice in notices for item in notice.get("items", ())]
    every = [*notices, *gathered]
    members = {notice["member_id"] for notice in notices} | _named(every, "about")
    theirs = {_membership_of(notice) for notice in every if notice.get("group_id")}
    return Known(
        events=await _by_id(database, "events", _named(every, "event_id")),
        groups=await _by_id(database, "groups", _named(every, "group_id")),
        members=await _by_id(database, "members", members),
        posts=await _by_id(database, "posts", _named(every, "post_id")),
        memberships=await _by_id(database, "memberships", theirs, ended=True),
    )


def _membership_of(notice: Document) -> str:
    return f"{notice.get('group_id', '')}:{notice['member_id']}"


def _named(notices: Iterable[Document], field: str) -> set[str]:
    return {notice[field] for notice in notices if notice.get(field)}


async def _by_id(database: Database, collection: str, ids: set[str], *, ended: bool = False) -> dict[str, Document]:
    if not ids:
        return {}
    there = {} if ended else {"deleted": {"$ne": True}}
    found = await database[collection].find({"_id": {"$in": sorted(ids)}, **there})
    return {document["_id"]: document for document in found}
