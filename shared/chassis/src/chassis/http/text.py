"""What a text may not hold, wherever people write one."""

import re
from typing import Final

from pydantic import AfterValidator

from chassis.zones import is_zone

_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _one_line(text: str) -> str:
    if _BREAKS.search(text):
        raise ValueError("one line, without control characters")
    return text


def _lines(text: str) -> str:
    if _UNSEEN.search(text):
        raise ValueError("no control characters but tabs and line ends")
    return text


def _zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError("not the name of an IANA time zone")
    return name


ONE_LINE: Final = AfterValidator(_one_line)
"""For what is said in one line: in a calendar or a mail's head, where a second one begins is another statement."""
LINES: Final = AfterValidator(_lines)
"""For what is said in several lines."""
IANA: Final = AfterValidator(_zone)
"""For time zones."""
