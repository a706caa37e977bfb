"""How commands about networks and their chapters are decided."""

from typing import Any

from chassis.journal.decision import Decider
from groups_service import messages
from groups_service.handlers import chapter, network
from groups_service.messages.network import tell_network
from groups_service.store.chapter import ChapterStore
from groups_service.store.circle import CircleStore
from groups_service.store.group import GROUPS
from groups_service.store.network import NETWORKS, NetworkStore


def decisions() -> dict[str, Decider[Any]]:
    """Decided by networks, and by groups about the networks they are in."""
    known, circle = NetworkStore(), CircleStore()
    chapters = ChapterStore(circle)

    def of_network(decide: Any) -> Decider[Any]:
        return Decider(NETWORKS, known.reads, known.load, decide, known.save, tell_network)

    def of_group(decide: Any) -> Decider[Any]:
        return Decider(GROUPS, chapters.reads, chapters.load, decide, circle.save, messages.tell_circle)

    return {
        network.CREATE: of_network(network.decide_create),
        network.CHANGE: of_network(network.decide_change),
        network.FORGET: of_network(network.decide_forget),
        **{name: of_network(decide) for name, decide in network.ACTS.items()},
        **{name: of_group(decide) for name, decide in chapter.ACTS.items()},
    }
