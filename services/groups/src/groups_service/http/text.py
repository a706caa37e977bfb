"""Texts and places as callers may write them: bounded, trimmed, and real where there is a list to look them up in."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from chassis.finding import different
from chassis.http.text import IANA, LINES, ONE_LINE

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), ONE_LINE]
"""One line that says something."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000), LINES]
"""Several lines, or none."""
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), LINES]
"""Several lines that say something."""
Zone = Annotated[str, Field(max_length=64, examples=["Europe/Paris"]), IANA]
"""An IANA time zone."""
Country = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$"), AfterValidator(str.upper)]
"""ISO 3166-1 alpha-2; lower case is taken too."""
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Topic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), ONE_LINE]
Topics = Annotated[list[Topic], Field(max_length=15), AfterValidator(different)]
"""Up to 15; of those that mean the same the first stays."""
Answer = Annotated[str, StringConstraints(strip_whitespace=True, max_length=250), LINES]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250), ONE_LINE]
