"""How commands about RSVPs, offers and the waitlist are decided."""

from typing import Any

from chassis.journal.decision import Decider
from chassis.journal.personal import Personal
from chassis.journal.seen import as_seen
from events_service.handlers import offer, rsvp, stewarding
from events_service.messages import Messages
from events_service.store.booking import RsvpStore
from events_service.store.ledger import LEDGERS


def decisions(tell: Messages) -> dict[str, Decider[Any]]:
    """Decided by the event's ledger, of which they need more or less."""
    rsvps = RsvpStore()

    others = (rsvps.reads_stewarding, rsvps.load_stewarding)
    offers = (rsvps.reads_offers, rsvps.load_offers)
    line = (rsvps.reads_line, rsvps.load_line)
    respond = as_seen(rsvp.decide_respond, rsvp.version_of)

    def of_rsvp(
        decide: Any, personal: Personal | None = None, *, needs: Any = (rsvps.reads, rsvps.load)
    ) -> Decider[Any]:
        reads, load = needs
        return Decider(LEDGERS, reads, load, decide, rsvps.save, tell.tell_booking, personal)

    return {
        rsvp.RESPOND: of_rsvp(respond),
        rsvp.RESPOND_WITH_ANSWERS: of_rsvp(respond, rsvp.OWN_ANSWERS),
        rsvp.APPROVE: of_rsvp(rsvp.decide_approve),
        rsvp.RELEASE: of_rsvp(rsvp.decide_release),
        rsvp.ERASE: of_rsvp(rsvp.decide_erase),
        rsvp.DRAIN: of_rsvp(rsvp.decide_drain, needs=line),
        offer.ACCEPT: of_rsvp(offer.decide_accept),
        offer.DECLINE: of_rsvp(offer.decide_decline),
        offer.LAPSE: of_rsvp(offer.decide_lapse, needs=offers),
        stewarding.ADD: of_rsvp(stewarding.decide_add, needs=others),
        stewarding.DROP: of_rsvp(stewarding.decide_drop, needs=others),
        stewarding.PROMOTE: of_rsvp(stewarding.decide_promote, needs=others),
    }
