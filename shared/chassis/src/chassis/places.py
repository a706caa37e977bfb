"""Places in topics, and the work that the messages there leave to be done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.mongo import Database


@dataclass(frozen=True, slots=True)
class Place:
    """A message in a topic: the subject's `sequence` there."""

    topic: str
    subject: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Work:
    """Documents that stand for work still to be done because of a message.

    message: which of their fields names the message, by `topic`, `subject` and `sequence`.
    where: which of them are still to be worked on.
    """

    collection: str
    message: str
    where: Mapping[str, Any] = field(default_factory=dict)

    async def prepare(self, database: Database) -> None:
        """Make the index, which costs nothing where no message is named or nothing is left to be done."""
        keys = [(f"{self.message}.{name}", 1) for name in ("topic", "subject", "sequence")]
        await database[self.collection].create_index(keys, where=self.where or {keys[0][0]: {"$exists": True}})

    async def is_left(self, database: Database, places: Collection[Place]) -> bool:
        """Whether anything is left of what these messages, or earlier ones of their subjects, have caused."""
        of = self.message
        up_to = [
            {
                **self.where,
                f"{of}.topic": place.topic,
                f"{of}.subject": place.subject,
                f"{of}.sequence": {"$lte": place.sequence},
            }
            for place in places
        ]
        return bool(await database[self.collection].find({"$or": up_to}, limit=1, fields={"_id": 1}))
