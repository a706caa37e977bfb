"""What must be 0 in the documents of what is said about events and of how they are rated, each step of it in one
snapshot."""

from collections import Counter
from datetime import datetime
from typing import Final

from chassis.mongo import Database, Document, Session
from chassis.reconcile import Check, Documents, Walk, Wrong
from events_service.domain.feedback import MOST_STARS, Totals
from events_service.domain.letter import of_the_day
from events_service.store.feedback import FEEDBACK, TOTALS, totals_of
from events_service.store.talk import COMMENTS, LETTERS, REVISIONS, TALKS

_SHOWN: Final[Document] = {"$cond": [{"$eq": ["$state", "shown"]}, 1, 0]}


async def talks(database: Database, session: Session, found: Documents) -> Wrong:
    """Events of which is counted wrongly how many comments there are or how much was ever said, and those that remember
    other letters of the last day than were sent."""
    ids = [talk["event_id"] for talk in found]
    steps: list[Document] = [
        {"$match": {"event_id": {"$in": ids}}},
        {"$group": {"_id": "$event_id", "said": {"$sum": 1}, "shown": {"$sum": _SHOWN}}},
    ]
    counted = {row["_id"]: row for row in await database[COMMENTS].aggregate(steps, session=session)}
    sent = await database[LETTERS].find(
        {"event_id": {"$in": ids}},
        sort=[("event_id", 1), ("number", 1)],
        fields={"event_id": 1, "sent_at": 1},
        session=session,
    )
    letters = Counter(letter["event_id"] for letter in sent)
    recent: dict[str, tuple[datetime, ...]] = {}
    for letter in sent:
        event_id, at = letter["event_id"], letter["sent_at"]
        recent[event_id] = (*of_the_day(recent.get(event_id, ()), at), at)
    none = {"said": 0, "shown": 0}
    rows = [(talk, counted.get(talk["event_id"], none), talk["event_id"]) for talk in found]
    return {
        "comments_wrong": [
            event_id
            for talk, row, event_id in rows
            if (talk["comments"], talk["last_number"]) != (row["shown"], row["said"] + letters[event_id])
        ],
        "letters_wrong": [event_id for talk, _, event_id in rows if tuple(talk["letters"]) != recent.get(event_id, ())],
    }


async def comments(database: Database, session: Session, found: Documents) -> Wrong:
    """Comments that count wrongly how many replies they have, or how many texts of before are kept of them: of one that
    is deleted none is."""
    ids = [one["_id"] for one in found]
    events = sorted({one["event_id"] for one in found})
    answers: list[Document] = [
        {"$match": {"event_id": {"$in": events}, "to": {"$in": ids}, "state": "shown"}},
        {"$group": {"_id": "$to", "many": {"$sum": 1}}},
    ]
    texts: list[Document] = [
        {"$match": {"comment_id": {"$in": ids}}},
        {"$group": {"_id": "$comment_id", "many": {"$sum": 1}}},
    ]
    replies = {row["_id"]: row["many"] for row in await database[COMMENTS].aggregate(answers, session=session)}
    kept = {row["_id"]: row["many"] for row in await database[REVISIONS].aggregate(texts, session=session)}
    edits = {one["_id"]: one["edits"] if one["state"] == "shown" else 0 for one in found}
    return {
        "replies_wrong": [one["_id"] for one in found if one["replies"] != replies.get(one["_id"], 0)],
        "revisions_wrong": [id_ for id_, many in edits.items() if many != kept.get(id_, 0)],
    }


async def ratings(database: Database, session: Session, found: Documents) -> Wrong:
    """Events whose feedback comes to something else than is kept of it."""
    where: Document = {"event_id": {"$in": [one["event_id"] for one in found]}, "stars": {"$ne": None}}
    fields = {"event_id": 1, "stars": 1, "next": 1}
    given = await database[FEEDBACK].find(where, fields=fields, session=session)
    stars = Counter((one["event_id"], one["stars"]) for one in given)
    chosen: dict[str, Counter[str]] = {}
    for one in given:
        chosen.setdefault(one["event_id"], Counter()).update(one["next"])

    def come_to(event_id: str) -> Totals:
        each = tuple(stars[event_id, place] for place in range(1, MOST_STARS + 1))
        return Totals(event_id, each, dict(chosen.get(event_id, {})))

    return {"ratings_wrong": [one["event_id"] for one in found if totals_of(one) != come_to(one["event_id"])]}


TALK_CHECKS: Final[tuple[Check, ...]] = (
    Walk(
        TALKS,
        ("comments_wrong", "letters_wrong"),
        talks,
        fields=dict.fromkeys(("event_id", "comments", "last_number", "letters"), 1),
        step=20,
    ),
    Walk(
        COMMENTS,
        ("replies_wrong", "revisions_wrong"),
        comments,
        fields=dict.fromkeys(("event_id", "state", "replies", "edits"), 1),
    ),
    Walk(TOTALS, ("ratings_wrong",), ratings, step=20),
)
