"""Every command this service decides: what its decision reads, and how facts become documents and messages."""

from typing import Any

from chassis import dead_letters, privacy
from chassis.journal.decision import Decider
from events_service.handlers import event, membership, person, publicity, rsvp, sight
from events_service.messages import Messages, tell_person, tell_sweep
from events_service.messages import public as public_messages
from events_service.settings import Settings
from events_service.store.event import EventStore
from events_service.store.kept import KeptStore
from events_service.store.ledger import LEDGERS
from events_service.store.membership import SWEEPS, SweepStore
from events_service.store.person import VISITORS, VisitorStore
from events_service.store.rsvp import RsvpStore
from events_service.store.sight import SightStore, SightSweepStore


def decisions(site: str) -> dict[str, Decider[Any]]:
    """By the command's name.

    site: where people find events, for the links on the public stream.
    """
    events, rsvps, kept, people, sweeps = (
        EventStore(),
        RsvpStore(),
        KeptStore(),
        VisitorStore(),
        SweepStore(),
    )
    sights, concerned = SightStore(), SightSweepStore()
    public = public_messages.PublicStream(site)
    tell = Messages(public)

    def of_event(decide: Any) -> Decider[Any]:
        return Decider(LEDGERS, events.reads, events.load, decide, events.save, tell.tell_event)

    def of_rsvp(decide: Any) -> Decider[Any]:
        return Decider(LEDGERS, rsvps.reads, rsvps.load, decide, rsvps.save, tell.tell_booking)

    def of_person(decide: Any) -> Decider[Any]:
        return Decider(VISITORS, people.reads, people.load, decide, people.save, tell_person)

    return {
        event.CREATE: of_event(event.decide_create),
        event.PUBLISH: of_event(event.decide_publish),
        event.ANNOUNCE: of_event(event.decide_announce),
        event.CHANGE: of_event(event.decide_change),
        event.CANCEL: of_event(event.decide_cancel),
        rsvp.RESPOND: of_rsvp(rsvp.decide_respond),
        rsvp.APPROVE: of_rsvp(rsvp.decide_approve),
        rsvp.RELEASE: of_rsvp(rsvp.decide_release),
        rsvp.ERASE: of_rsvp(rsvp.decide_erase),
        rsvp.DRAIN: Decider(
            LEDGERS, rsvps.reads_line, rsvps.load_line, rsvp.decide_drain, rsvps.save, tell.tell_booking
        ),
        publicity.RELEASE_KEPT: Decider(
            LEDGERS, kept.reads, kept.load, publicity.decide_release, kept.save, public.tell_kept
        ),
        person.SEE: of_person(person.decide_see),
        person.WANT_NUMBER: of_person(person.decide_want_number),
        person.NUMBER_ARRIVED: of_person(person.decide_number_arrived),
        membership.SETTLE: Decider(
            SWEEPS, sweeps.reads, sweeps.load, membership.decide_settle, sweeps.save, tell_sweep
        ),
        sight.SWEEP: Decider(
            SWEEPS, concerned.reads, concerned.load, sight.decide_sweep, concerned.save, public_messages.tell_sweep
        ),
        sight.REVIEW: Decider(LEDGERS, sights.reads, sights.load, sight.decide_review, sights.save, public.tell_sight),
        **privacy.deciders(Settings.service),
        **dead_letters.deciders(Settings.service),
    }
