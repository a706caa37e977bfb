"""What follows a decision about a series: a command for each date concerned.

A series is on no topic; its events are, and say which series and which edit of it they belong to.
"""

from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Told
from events_service.handlers.series import Course, follow


def tell_series(command: Command, outcome: Outcome[Course], now: datetime) -> Told:
    series = outcome.state.series
    return Told() if series is None else Told(children=list(follow(command, series, outcome.facts)))
