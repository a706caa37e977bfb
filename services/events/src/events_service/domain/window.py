"""When RSVPs are taken: as the event says, or as a leader opened or closed them by hand (behaviour 9.4)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RsvpsOpened:
    event_id: str
    by: str


@dataclass(frozen=True, slots=True)
class RsvpsClosed:
    event_id: str
    by: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """The last time that a leader opened or closed RSVPs; an edit of the window takes it back."""

    opened: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """opens: None = as soon as the event is published."""

    opens: datetime | None
    closes: datetime


def in_force(said: Window, by_hand: ByHand | None, ends: datetime) -> Window:
    """The window as it is by now. Opened before its end it still closes then; opened after it, when the event ends."""
    if by_hand is None:
        return said
    if not by_hand.opened:
        return Window(None, min(said.closes, by_hand.at))
    return Window(None, said.closes if by_hand.at < said.closes else ends)


def carried(by_hand: ByHand | None, closed: datetime, closes: datetime) -> ByHand | None:
    """What a leader did by hand, after the event's own end of the window moved from `closed` to `closes`. An opening
    within the window is spent when that end comes to lie before it: it was not meant to go on until the event ends."""
    spent = by_hand is not None and by_hand.opened and closes <= by_hand.at < closed
    return None if spent else by_hand


def is_open(window: Window, now: datetime) -> bool:
    return (window.opens is None or window.opens <= now) and now < window.closes
