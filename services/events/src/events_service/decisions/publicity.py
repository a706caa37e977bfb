"""How commands about what the public stream shows are decided."""

from typing import Any

from chassis.journal.decision import Decider
from events_service.handlers import publicity, sight
from events_service.messages import public as messages
from events_service.store.kept import KeptStore
from events_service.store.ledger import LEDGERS
from events_service.store.membership import SWEEPS
from events_service.store.sight import SightStore, SightSweepStore


def decisions(public: messages.PublicStream) -> dict[str, Decider[Any]]:
    """What was kept goes out; what is seen no more is taken back, event by event."""
    kept, sights, concerned = KeptStore(), SightStore(), SightSweepStore()
    return {
        publicity.RELEASE_KEPT: Decider(
            LEDGERS, kept.reads, kept.load, publicity.decide_release, kept.save, public.tell_kept
        ),
        sight.SWEEP: Decider(
            SWEEPS, concerned.reads, concerned.load, sight.decide_sweep, concerned.save, messages.tell_sweep
        ),
        sight.REVIEW: Decider(LEDGERS, sights.reads, sights.load, sight.decide_review, sights.save, public.tell_sight),
    }
