"""Texts and places as callers may write them: bounded, trimmed, and real where there is a list to look them up in."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from chassis.finding import different


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("not the name of an IANA time zone")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
"""One line that says something."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)]
"""Several lines, or none."""
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
"""Several lines that say something."""
Zone = Annotated[str, Field(max_length=64, examples=["Europe/Paris"]), AfterValidator(_zone)]
"""An IANA time zone."""
Country = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$"), AfterValidator(str.upper)]
"""ISO 3166-1 alpha-2; lower case is taken too."""
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Topic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Topics = Annotated[list[Topic], Field(max_length=15), AfterValidator(different)]
"""Up to 15; of those that mean the same the first stays."""
Answer = Annotated[str, StringConstraints(strip_whitespace=True, max_length=250)]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250)]
