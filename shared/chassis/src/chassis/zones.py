"""Which time zones there are: the same ones on every machine."""

from functools import cache
from importlib.resources import files


def is_zone(name: str) -> bool:
    """Whether the IANA database has a zone of this name."""
    return name in _zones()


@cache
def _zones() -> frozenset[str]:
    # a machine's own folder also has a name for its own clock, and every list one for a clock that nobody has set
    names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(names) - {"Factory"}
