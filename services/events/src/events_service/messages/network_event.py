"""What follows a decision about a network event. It is on no topic itself; its copies are, and say whose they are."""

from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Told
from events_service.handlers.network_event import Round, follow


def tell_network_event(command: Command, outcome: Outcome[Round], now: datetime) -> Told:
    return Told(children=list(follow(command, outcome.facts)))
