"""What documents are found by, however people write it: lower case without accents, so that `Sao` finds `São`.

FORM, kept as `finding` in what has words and keys, says by which of these rules they were made.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chassis.mongo import Collection, Document, UpdateOne

FORM: Final = 2
LONGEST = 40
MOST = 200
ASKED = 10

PAGE = 1_000

_WORD = re.compile(r"\w+")
_ACCENTED = re.compile(r"([a-zA-Z])[\u0300-\u036f]+")
"""Decomposed. In other scripts than the Latin one, such a mark may make another letter."""


@dataclass(frozen=True, slots=True)
class Near:
    """Degrees and kilometres."""

    lat: float
    lon: float
    radius_km: float


def words_of(*texts: str) -> list[str]:
    """The different words of the texts, in the order in which they are first there; at most 200 of 40 characters."""
    found = dict.fromkeys(word[:LONGEST] for text in texts for word in _WORD.findall(_plain(text)))
    return list(found)[:MOST]


def begin(asked: str) -> dict[str, Any]:
    """A condition: each of the first ten words of what is asked begins one of the document's `words`."""
    return {"$and": [{"words": {"$regex": f"^{re.escape(word)}"}} for word in words_of(asked)[:ASKED]] or [{}]}


def key_of(name: str) -> str:
    """What a name is found by: `Open Source` and `open-source` are one, `C`, `C++` and `C#` are not.

    Letters and digits of any script, with + and # behind them; whatever else is between them is one dash.
    """
    bare = _ACCENTED.sub(r"\1", unicodedata.normalize("NFKD", name))
    plain = unicodedata.normalize("NFKC", bare.casefold())
    parts = "".join(character if _stays(character) else " " for character in plain).split()
    words = [part.lstrip("+#") for part in parts if any(map(str.isalnum, part))]
    return "-".join(words) or plain


def _stays(character: str) -> bool:
    return character in "+#" or unicodedata.category(character)[0] in "LMN"


def different(names: Sequence[str]) -> list[str]:
    """Of names that are one the first, where the last of them stood."""
    return list({key_of(name): name for name in reversed(names)}.values())[::-1]


async def renew(collection: Collection, found_by: Callable[[Document], Document], fields: Sequence[str]) -> None:
    """Of documents that were made by earlier rules, write anew what they are found by; safe to run again.

    found_by: what that is, FORM with it, from these fields.
    """
    earlier: Document = {"finding": {"$ne": FORM}, "topics": {"$exists": True}}
    needed = dict.fromkeys(("version", *fields), 1)
    after: Document = {}
    while page := await collection.find({**earlier, **after}, sort=[("_id", 1)], limit=PAGE, fields=needed):
        # whoever has changed one meanwhile has written it by the rules of now
        await collection.write(
            [UpdateOne({"_id": one["_id"], "version": one.get("version")}, {"$set": found_by(one)}) for one in page]
        )
        after = {"_id": {"$gt": page[-1]["_id"]}}


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()
