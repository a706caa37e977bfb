"""How commands about events are decided."""

from typing import Any

from chassis.journal.decision import Decider
from chassis.journal.seen import as_seen
from events_service.handlers import copied, event, forgetting, occurrence, passing
from events_service.messages import Messages
from events_service.store.copied import CopyStore
from events_service.store.event import EventStore
from events_service.store.ledger import LEDGERS


def decisions(tell: Messages) -> dict[str, Decider[Any]]:
    """Decided by the event, with its ledger."""
    plain, copies = EventStore(), CopyStore()

    def of_event(decide: Any, events: EventStore = plain) -> Decider[Any]:
        return Decider(
            LEDGERS, events.reads, events.load, as_seen(decide, event.version_of), events.save, tell.tell_event
        )

    return {
        event.CREATE: of_event(event.decide_create),
        event.PUBLISH: of_event(event.decide_publish),
        event.ANNOUNCE: of_event(event.decide_announce),
        event.CHANGE: of_event(event.decide_change),
        event.CANCEL: of_event(event.decide_cancel),
        event.DELETE: of_event(event.decide_delete),
        event.HOST: of_event(event.decide_host),
        event.UNHOST: of_event(event.decide_host),
        event.OPEN_RSVPS: of_event(event.decide_open_rsvps),
        event.CLOSE_RSVPS: of_event(event.decide_close_rsvps),
        occurrence.OCCUR: of_event(occurrence.decide_occur),
        occurrence.FALL: of_event(occurrence.decide_fall),
        copied.CONFORM: of_event(copied.decide_conform, copies),
        passing.END: of_event(passing.decide_end),
        passing.REZONE: of_event(passing.decide_rezone),
        forgetting.FORGET_IN_EVENT: of_event(forgetting.decide_event),
    }
