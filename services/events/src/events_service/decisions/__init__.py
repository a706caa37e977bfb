"""Every command this service decides: what its decision reads, and how facts become documents and messages."""

from typing import Any

from chassis import dead_letters, privacy
from chassis.journal.decision import Decider
from chassis.journal.personal import Personal
from events_service.handlers import (
    calendar,
    event,
    membership,
    occurrence,
    offer,
    passing,
    person,
    publicity,
    rsvp,
    series,
    sight,
    stewarding,
)
from events_service.messages import Messages, tell_person, tell_sweep
from events_service.messages import public as public_messages
from events_service.messages.outgoing import tell_nobody
from events_service.messages.series import tell_series
from events_service.settings import Settings
from events_service.store.booking import RsvpStore
from events_service.store.calendar import CALENDARS, CalendarStore
from events_service.store.event import EventStore
from events_service.store.kept import KeptStore
from events_service.store.ledger import LEDGERS
from events_service.store.membership import SWEEPS, SweepStore
from events_service.store.person import VISITORS, VisitorStore
from events_service.store.series import SERIES, SeriesStore
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
    sights, concerned, courses, links = SightStore(), SightSweepStore(), SeriesStore(), CalendarStore()
    public = public_messages.PublicStream(site)
    tell = Messages(public)

    def of_event(decide: Any) -> Decider[Any]:
        return Decider(LEDGERS, events.reads, events.load, decide, events.save, tell.tell_event)

    def of_series(decide: Any) -> Decider[Any]:
        return Decider(SERIES, courses.reads, courses.load, decide, courses.save, tell_series)

    def of_rsvp(decide: Any, personal: Personal | None = None) -> Decider[Any]:
        return Decider(LEDGERS, rsvps.reads, rsvps.load, decide, rsvps.save, tell.tell_booking, personal)

    def of_others(decide: Any) -> Decider[Any]:
        reads, load = rsvps.reads_stewarding, rsvps.load_stewarding
        return Decider(LEDGERS, reads, load, decide, rsvps.save, tell.tell_booking)

    def of_person(decide: Any) -> Decider[Any]:
        return Decider(VISITORS, people.reads, people.load, decide, people.save, tell_person)

    def of_calendar(decide: Any, personal: Personal | None = None) -> Decider[Any]:
        return Decider(CALENDARS, links.reads, links.load, decide, links.save, tell_nobody, personal)

    return {
        event.CREATE: of_event(event.decide_create),
        event.PUBLISH: of_event(event.decide_publish),
        event.ANNOUNCE: of_event(event.decide_announce),
        event.CHANGE: of_event(event.decide_change),
        event.CANCEL: of_event(event.decide_cancel),
        event.DELETE: of_event(event.decide_delete),
        event.HOST: of_event(event.decide_host),
        event.UNHOST: of_event(event.decide_host),
        occurrence.OCCUR: of_event(occurrence.decide_occur),
        occurrence.FALL: of_event(occurrence.decide_fall),
        passing.END: of_event(passing.decide_end),
        passing.REZONE: of_event(passing.decide_rezone),
        series.CREATE: of_series(series.decide_create),
        series.CHANGE: of_series(series.decide_change),
        series.PUBLISH: of_series(series.decide_publish),
        series.CANCEL: of_series(series.decide_cancel),
        calendar.GIVE: of_calendar(calendar.decide_give, calendar.SECRET),
        calendar.REVOKE: of_calendar(calendar.decide_revoke),
        series.LEAVE_OUT: of_series(series.decide_leave_out),
        event.OPEN_RSVPS: of_event(event.decide_open_rsvps),
        event.CLOSE_RSVPS: of_event(event.decide_close_rsvps),
        rsvp.RESPOND: of_rsvp(rsvp.decide_respond),
        rsvp.RESPOND_WITH_ANSWERS: of_rsvp(rsvp.decide_respond, rsvp.OWN_ANSWERS),
        offer.ACCEPT: of_rsvp(offer.decide_accept),
        offer.DECLINE: of_rsvp(offer.decide_decline),
        offer.LAPSE: Decider(
            LEDGERS, rsvps.reads_offers, rsvps.load_offers, offer.decide_lapse, rsvps.save, tell.tell_booking
        ),
        stewarding.ADD: of_others(stewarding.decide_add),
        stewarding.DROP: of_others(stewarding.decide_drop),
        stewarding.PROMOTE: of_others(stewarding.decide_promote),
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
