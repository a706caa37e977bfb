"""What a new generation after a restored backup made of the books: jumps that are right, and a past that is gone."""

from collections.abc import Mapping

from chassis.frozen import frozen
from chassis.journal.shape import FLOORS
from chassis.mongo import Database

Line = tuple[str, str]


@frozen
class Renewed:
    """jumps: by topic and subject, how many sequences the journal skipped, because the topics had them already.
    before: lanes of earlier generations told things that the restored journal does not know."""

    jumps: Mapping[Line, int]
    before: int

    def has_forgotten(self, lane: str) -> bool:
        return int(lane.partition(".")[0]) < self.before


async def renewed(database: Database) -> Renewed:
    """As of the last such generation; nothing jumped and nothing is forgotten where there was none."""
    rows = await database[FLOORS].find({})
    jumps = {_line(row["_id"]): int(row["missing"]) for row in rows}
    return Renewed(jumps, max((int(row["generation"]) for row in rows), default=0))


def _line(name: str) -> Line:
    topic, _, subject = name.partition(":")
    return topic, subject
