"""What a copy of a network event sees of it: the network event and the chapter's part in it, beside its own event."""

from collections.abc import Iterable
from dataclasses import replace

from chassis.journal.command import Command
from chassis.journal.documents import Documents, Read, Ref
from events_service.domain.chapter import details_for
from events_service.domain.copied import Wish
from events_service.handlers.event import Agenda
from events_service.store.event import EventStore
from events_service.store.ledger import LEDGERS
from events_service.store.network_event import CHAPTERS, NETWORK_EVENTS, chapter_id, chapter_of, network_event_of


class CopyStore(EventStore):
    """An event's, and what its network event wants of it."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        yield from super().reads(command, documents)
        yield Ref(NETWORK_EVENTS, command.body["network_event_id"])
        yield Ref(CHAPTERS, _chapter_id(command))

    def load(self, command: Command, documents: Documents) -> Agenda:
        agenda = super().load(command, documents)
        held = documents.get(NETWORK_EVENTS, command.body["network_event_id"])
        row = documents.get(CHAPTERS, _chapter_id(command))
        if held is None or row is None:
            return agenda
        found, chapter = network_event_of(held), chapter_of(row)
        wish = Wish(
            found.id,
            found.network_id,
            found.version,
            found.status,
            chapter.state,
            details_for(found, chapter.timezone, chapter.attendee_list),
            # of a draft that was deleted the ledger stays
            thrown_away=agenda.event is None and documents.get(LEDGERS, command.aggregate) is not None,
        )
        return replace(agenda, wish=wish)


def _chapter_id(command: Command) -> str:
    return chapter_id(command.body["network_event_id"], command.body["group_id"])
