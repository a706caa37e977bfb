"""What this service holds of a member: their RSVPs, of which the public record shows name and photo, the events they
host, how often they came to groups' events, what they said of events, and whether they have an address of their own
calendar."""

from collections.abc import AsyncIterator
from typing import Final

from chassis.ids import derived_id
from chassis.journal import hand_over
from chassis.journal.command import Command
from chassis.journal.shape import JOURNAL
from chassis.mongo import Database, Document
from chassis.privacy import plain
from contracts.public import PublicRsvp
from events_service.handlers import comment, feedback, letter
from events_service.handlers.calendar import calendar_aggregate, revoke_command
from events_service.handlers.forgetting import (
    FORGET_IN_EVENT,
    FORGET_IN_NETWORK_EVENT,
    FORGET_IN_SERIES,
    forget_command,
)
from events_service.handlers.record import forget_command as forget_record
from events_service.handlers.rsvp import ERASE
from events_service.store.calendar import CALENDARS
from events_service.store.event import EVENTS
from events_service.store.feedback import FEEDBACK
from events_service.store.move import MOVES
from events_service.store.network_event import NETWORK_EVENTS
from events_service.store.record import RECORDS
from events_service.store.rsvp import RSVPS
from events_service.store.series import SERIES
from events_service.store.talk import COMMENTS, LETTERS, REVISIONS

_PORTION: Final = 200
_OF_HOSTED: Final = ("group_id", "title", "starts_at", "ends_at", "timezone", "status")
"""What an event is known by; the rest of it is its group's."""

_SAID: Final = (
    ("comments", COMMENTS, "author_id"),
    ("revisions", REVISIONS, "author_id"),
    ("messages", LETTERS, "author_id"),
    ("feedback", FEEDBACK, "member_id"),
)
"""What it is called in the archive, where it is, and whose it is there."""


class EventsHoldings:
    async def gather(self, database: Database, member_id: str) -> AsyncIterator[tuple[str, list[Document]]]:
        after = ""
        while found := await database[RSVPS].find(
            {"member_id": member_id, "_id": {"$gt": after}}, sort=[("_id", 1)], limit=_PORTION
        ):
            yield "rsvps", plain(map(_own, found), without=("seen", "skips", "order", "by"))
            # of an event's log what is theirs; whose hand it was is somebody else's
            events = {"$in": [rsvp["event_id"] for rsvp in found]}
            moves = await database[MOVES].find({"event_id": events, "member_id": member_id}, sort=[("_id", 1)])
            if moves:
                yield "waitlist", plain(moves, without=("by", "passed", "order", "lined", "capacity"))
            after = found[-1]["_id"]
        for name, collection, whose in _SAID:
            after = ""
            while found := await database[collection].find(
                {whose: member_id, "_id": {"$gt": after}}, sort=[("_id", 1)], limit=_PORTION
            ):
                yield name, plain(found, without=("worded",))
                after = found[-1]["_id"]
        after = ""
        while hosted := await database[EVENTS].find(
            {"hosts": member_id, "_id": {"$gt": after}},
            sort=[("_id", 1)],
            limit=_PORTION,
            fields=dict.fromkeys(_OF_HOSTED, 1),
        ):
            yield "hosted", plain(hosted)
            after = hosted[-1]["_id"]
        records = await database[RECORDS].find({"member_id": member_id, "forgotten": False}, sort=[("_id", 1)])
        if records:
            yield "attendance", plain(records, without=("forgotten",))
        calendar = await database[CALENDARS].find_one({"_id": calendar_aggregate(member_id)})
        if calendar is not None:
            yield "calendar", plain([calendar], without=("digest",))

    async def erase(self, database: Database, member_id: str) -> bool:
        """Each RSVP once; one that is answered anew meanwhile is found again. They host nothing, and have made nothing.
        Groups do not remember how often they came. What they said is taken back. The calendar's address leads
        nowhere."""
        found = await database[RSVPS].find(
            {"member_id": member_id, "erased": {"$ne": True}},
            limit=_PORTION,
            fields={"event_id": 1, "seq": 1, "mtime": 1},
        )
        commands = [
            Command(
                derived_id("erase", one["_id"], str(one["seq"]), str(one["mtime"])),
                ERASE,
                one["event_id"],
                {"member_id": member_id},
            )
            for one in found
        ]
        records = await database[RECORDS].find({"member_id": member_id, "forgotten": False}, limit=_PORTION)
        commands += [_forget(record) for record in records]
        calendar = await database[CALENDARS].find_one({"_id": calendar_aggregate(member_id), "digest": {"$ne": None}})
        if calendar is not None:
            commands.append(revoke_command(derived_id("erase", calendar["_id"], calendar["digest"]), member_id))
        commands += await _made_or_hosted(database, member_id)
        commands += await _said(database, member_id)
        await hand_over(database, commands)
        return not commands and not await _taken_back(database, member_id)


def _own(rsvp: Document) -> Document:
    """Whose hand noted it is somebody else's."""
    held = rsvp.get("attendance")
    if held is None:
        return rsvp
    return {**rsvp, "attendance": {name: value for name, value in held.items() if name not in ("by", "forgotten")}}


def _forget(record: Document) -> Command:
    """Who comes back and is forgotten again is so by another command."""
    command_id = derived_id("forget", record["_id"], str(record["journal"]["sequence"]))
    return forget_record(command_id, record["group_id"], record["member_id"])


async def _made_or_hosted(database: Database, member_id: str) -> list[Command]:
    """To take them out of the next of what they made or host, and of what dates to come of a series begin with."""
    places: tuple[tuple[str, str, Document], ...] = (
        (FORGET_IN_EVENT, EVENTS, {"$or": _either(member_id, "hosts")}),
        (FORGET_IN_SERIES, SERIES, {"$or": _either(member_id, "details.hosts")}),
        (FORGET_IN_NETWORK_EVENT, NETWORK_EVENTS, {"created_by": member_id}),
    )
    commands: list[Command] = []
    for name, collection, where in places:
        found = await database[collection].find(where, limit=_PORTION, fields={"version": 1})
        commands += [forget_command(name, one, member_id) for one in found]
    return commands


def _either(member_id: str, hosts: str) -> list[Document]:
    return [{hosts: member_id}, {"created_by": member_id}]


async def _said(database: Database, member_id: str) -> list[Command]:
    """To take back the next of what they said of events."""
    written = await database[COMMENTS].find({"author_id": member_id, "state": "shown"}, limit=_PORTION)
    sent = await database[LETTERS].find({"author_id": member_id, "withdrawn": False}, limit=_PORTION)
    given = await database[FEEDBACK].find({"member_id": member_id, "stars": {"$ne": None}}, limit=_PORTION)
    return [*map(comment.erase, written), *map(letter.withdraw, sent), *map(feedback.withdraw, given)]


async def _taken_back(database: Database, member_id: str) -> int:
    """The journal's own copies of what the public stream showed become the deletions they are by now; how many batches
    had any. They are not sealed, because that would cost every RSVP a key. Reads the whole journal."""
    changed, after = 0, ""
    while found := await database[RSVPS].find(
        {"member_id": member_id, "_id": {"$gt": after}}, sort=[("_id", 1)], limit=_PORTION, fields={"number": 1}
    ):
        after = found[-1]["_id"]
        keys = [str(one["number"]) for one in found]
        theirs = {"topic": PublicRsvp.topic, "key": {"$in": keys}, "value": {"$ne": None}}
        changed += await database[JOURNAL].update_many({"entries.messages": {"$elemMatch": theirs}}, _deleted(keys))
    return changed


def _deleted(keys: list[str]) -> list[Document]:
    is_theirs = {"$and": [{"$eq": ["$$message.topic", PublicRsvp.topic]}, {"$in": ["$$message.key", keys]}]}
    message = {"$cond": [is_theirs, {"$mergeObjects": ["$$message", {"value": None, "sealed": True}]}, "$$message"]}
    messages = {"$map": {"input": "$$entry.messages", "as": "message", "in": message}}
    entry = {"$mergeObjects": ["$$entry", {"messages": messages}]}
    return [{"$set": {"entries": {"$map": {"input": "$entries", "as": "entry", "in": entry}}}}]
