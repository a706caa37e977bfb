"""How commands about series are decided."""

from typing import Any

from chassis.journal.decision import Decider
from chassis.journal.seen import as_seen
from events_service.handlers import forgetting, series
from events_service.messages.series import tell_series
from events_service.store.series import SERIES, SeriesStore


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the series; what that means for a date is a command to its event."""
    courses = SeriesStore()

    def of_series(decide: Any) -> Decider[Any]:
        return Decider(
            SERIES, courses.reads, courses.load, as_seen(decide, series.version_of), courses.save, tell_series
        )

    return {
        series.CREATE: of_series(series.decide_create),
        series.CHANGE: of_series(series.decide_change),
        series.PUBLISH: of_series(series.decide_publish),
        series.CANCEL: of_series(series.decide_cancel),
        series.LEAVE_OUT: of_series(series.decide_leave_out),
        forgetting.FORGET_IN_SERIES: of_series(forgetting.decide_series),
    }
