"""What a notice speaks of, as this service knows it now: looked up in the projections, many at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from re import Match

from chassis.markdown import MENTION
from chassis.mongo import Database, Document
from notifications_service.domain.delivery import Circumstances
from notifications_service.texts import SOMEBODY, EventFacts, Said, Subject


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
        event, group = self.events.get(notice.get("event_id", "")), self.groups.get(notice.get("group_id", ""), {})
        until = notice.get("details", {}).get("until")
        return Circumstances(
            event_cancelled=event is not None and event["status"] == "cancelled",
            event_over=event is not None and event["status"] == "past",
            post_gone="post_id" in notice and self.posts.get(notice["post_id"], {}).get("state") != "shown",
            standing=self._standing(notice),
            role=self._role(notice),
            group_status=group.get("status"),
            group_private=group.get("private", False),
            until=None if until is None else datetime.fromisoformat(until),
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
        """Of a private group's event outsiders see title and time."""
        event, said = self.events.get(notice.get("event_id", "")), notice.get("details", {}).get("event")
        if event is not None:
            bare = EventFacts(event["title"], event["starts_at_utc"], event["timezone"], over=event["status"] == "past")
            if self.circumstances(notice).outside:
                return bare
            return replace(bare, where=event["where"], online=event.get("online", False))
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

    def _role(self, notice: Document) -> str | None:
        """In the notice's group. Its organizer is one before their membership is known to say so."""
        membership = self.memberships.get(_membership_of(notice))
        if self.groups.get(notice.get("group_id", ""), {}).get("organizer_id") == notice["member_id"]:
            return "organizer"
        if membership is None:
            return None
        role: str | None = membership.get("role")
        return role if membership.get("state") == "active" else "none"

    def _excerpt(self, notice: Document) -> str | None:
        """What was said, in a group for whoever is a member now, about an event of a private group for no outsider;
        with the names of whom it mentions."""
        excerpt: str | None = self.posts.get(notice.get("post_id", ""), {}).get("excerpt")
        if not excerpt or ("event_id" not in notice and self._standing(notice) != "active"):
            return None
        if self.circumstances(notice).outside:
            return None
        return MENTION.sub(self._mentioned, excerpt)

    def _mentioned(self, mention: Match[str]) -> str:
        name = self._name(mention[1])
        return SOMEBODY if name is None else f"@{name}"


async def known_about(database: Database, notices: Sequence[Document]) -> Known:
    """The projections that these notices, and those in digests among them, need: each collection is asked once, and not
    at all for nothing."""
    gathered = [item for notice in notices for item in notice.get("items", ())]
    every = [*notices, *gathered]
    posts = await _by_id(database, "posts", _named(every, "post_id"))
    mentioned = {name for post in posts.values() for name in MENTION.findall(post.get("excerpt") or "")}
    members = {notice["member_id"] for notice in notices} | _named(every, "about") | mentioned
    theirs = {_membership_of(notice) for notice in every if notice.get("group_id")}
    return Known(
        events=await _by_id(database, "events", _named(every, "event_id")),
        groups=await _by_id(database, "groups", _named(every, "group_id")),
        members=await _by_id(database, "members", members),
        posts=posts,
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
