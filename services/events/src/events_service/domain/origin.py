"""What ties an event to the network event that it is one chapter's copy of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """version: of the network event, as the copy has followed it; left: the fields it could not take over from there,
    which the chapter did not change."""

    network_event_id: str
    network_id: str
    version: int
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Followed:
    """The copy has done what the network event wanted by this version. It is no edit: nobody's view of it is stale."""

    event_id: str
    version: int
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detached:
    """The event is the chapter's own from now on."""

    event_id: str
    by: str
