"""What a caller hears when there is no decided answer."""


class Busy(Exception):
    """The lane has more waiting than it takes on; try again after `retry_after` seconds. Nothing was decided."""

    def __init__(self, retry_after: float = 1.0) -> None:
        super().__init__("too many commands are waiting")
        self.retry_after = retry_after


class Unknown(Exception):
    """The outcome is not known yet; a repeat under the same key gets the one answer. Never means "failed"."""


class Mismatch(Exception):
    """This command id was used with another body."""


class Failed(Exception):
    """The decision itself broke; nothing was recorded, and a repeat will be decided anew."""
