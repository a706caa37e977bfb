"""When a lane takes no batch although its writer lives: why, and the alarm for it."""

from dataclasses import dataclass

import structlog

from chassis.journal.measures import REFUSES

SECONDS = 1.0
"""Until the writer looks again, and what a caller is told to wait."""

log = structlog.get_logger(__name__)


class Refused(RuntimeError):
    """The lane takes no batch now, and nothing is wrong with the commands.

    kind: of the alarm.
    """

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


@dataclass(slots=True)
class Refusing:
    """Whether a lane turns commands away; true while it does."""

    lane: str
    _kind: str | None = None

    def __bool__(self) -> bool:
        return self._kind is not None

    def begin(self, error: Refused) -> None:
        if self._kind == error.kind:
            return
        self.end()
        self._kind = error.kind
        log.critical("the lane takes no batch", lane=self.lane, why=str(error))
        REFUSES.labels(self.lane, error.kind).set(1)

    def end(self) -> None:
        if self._kind is not None:
            REFUSES.labels(self.lane, self._kind).set(0)
            self._kind = None
