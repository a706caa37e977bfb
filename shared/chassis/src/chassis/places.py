"""Places in topics, and the commands that the messages there leave to be decided."""

from collections.abc import Collection
from dataclasses import dataclass

from chassis.journal.shape import HANDOFFS
from chassis.mongo import Database


@dataclass(frozen=True, slots=True)
class Place:
    """A message in a topic: the subject's `sequence` there."""

    topic: str
    subject: str
    sequence: int


async def is_left(database: Database, places: Collection[Place]) -> bool:
    """Whether any command waits for its lane that these messages, or earlier ones of their subjects, have caused, be it
    by way of others.

    Ask once their marks are there: a command is handed over together with its mark. Where a mark was moved by a later
    message of a state topic alone, what that one causes is not waited for.
    """
    up_to = [
        {
            "origin.topic": place.topic,
            "origin.subject": place.subject,
            "origin.sequence": {"$lte": place.sequence},
        }
        for place in places
    ]
    return bool(await database[HANDOFFS].find({"$or": up_to}, limit=1, fields={"_id": 1}))
