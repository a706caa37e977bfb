"""What documents are found by, however people write it: lower case without accents, so that `Sao` finds `São`."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slugify import slugify

LONGEST = 40
MOST = 200
ASKED = 10

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Near:
    """Degrees and kilometres."""

    lat: float
    lon: float
    radius_km: float


def words_of(*texts: str) -> list[str]:
    """The different words of the texts, in alphabetical order; at most 200 of 40 characters."""
    found = {word[:LONGEST] for text in texts for word in _WORD.findall(_plain(text))}
    return sorted(found)[:MOST]


def begin(asked: str) -> dict[str, Any]:
    """A condition: each of the first ten words of what is asked begins one of the document's `words`."""
    return {"$and": [{"words": {"$regex": f"^{re.escape(word)}"}} for word in words_of(asked)[:ASKED]] or [{}]}


def key_of(name: str) -> str:
    """What a name is found by: `Open Source` and `open-source` are one."""
    return slugify(name) or name.casefold()


def different(names: Sequence[str]) -> list[str]:
    """Of names that are one the first, where the last of them stood."""
    return list({key_of(name): name for name in reversed(names)}.values())[::-1]


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()
