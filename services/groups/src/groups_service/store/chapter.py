"""What a decision about a group's place in a network needs beside the group itself: whether the network welcomes it."""

from collections.abc import Iterable
from dataclasses import replace

from chassis.journal.command import Command
from chassis.journal.documents import Documents, Read
from groups_service.handlers.group import Situation
from groups_service.store.circle import CircleStore
from groups_service.store.network import welcome_ref


class ChapterStore:
    """Reads and loads; a chapter is saved with its group, by `CircleStore`."""

    def __init__(self, circle: CircleStore) -> None:
        self._circle = circle

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        yield from self._circle.reads(command, documents)
        yield welcome_ref(command.body["network_id"], command.aggregate)

    def load(self, command: Command, documents: Documents) -> Situation:
        welcome = welcome_ref(command.body["network_id"], command.aggregate)
        stands = documents.get(welcome.collection, welcome.id) is not None
        return replace(self._circle.load(command, documents), welcome=stands)
