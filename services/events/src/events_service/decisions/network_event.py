"""How commands about network events are decided."""

from typing import Any

from chassis.journal.decision import Decider
from chassis.journal.seen import as_seen
from events_service.handlers import forgetting, network_event
from events_service.messages.network_event import tell_network_event
from events_service.store.network_event import NETWORK_EVENTS, NetworkEventStore


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the network event; what that means for a copy is a command to its event."""
    rounds = NetworkEventStore()

    def of_network_event(decide: Any) -> Decider[Any]:
        seen = as_seen(decide, network_event.version_of)
        return Decider(NETWORK_EVENTS, rounds.reads, rounds.load, seen, rounds.save, tell_network_event)

    return {
        network_event.CREATE: of_network_event(network_event.decide_create),
        network_event.CHANGE: of_network_event(network_event.decide_change),
        network_event.PUBLISH: of_network_event(network_event.decide_publish),
        network_event.EXTEND: of_network_event(network_event.decide_extend),
        network_event.CANCEL: of_network_event(network_event.decide_cancel),
        network_event.PLAN: of_network_event(network_event.decide_plan),
        network_event.REACH: of_network_event(network_event.decide_reach),
        network_event.OPT_OUT: of_network_event(network_event.decide_opt_out),
        network_event.THROWN_AWAY: of_network_event(network_event.decide_thrown_away),
        network_event.LEAVE: of_network_event(network_event.decide_leave),
        forgetting.FORGET_IN_NETWORK_EVENT: of_network_event(forgetting.decide_network_event),
    }
