"""Words to find events by. Lower case without accents, so that `Sao` finds `São`."""

import re
import unicodedata

from slugify import slugify

LONGEST = 40
MOST = 200

_WORD = re.compile(r"\w+")


def words_of(*texts: str) -> list[str]:
    """The different words of the texts, in alphabetical order; at most 200 of 40 characters."""
    found = {word[:LONGEST] for text in texts for word in _WORD.findall(_plain(text))}
    return sorted(found)[:MOST]


def topic_key(topic: str) -> str:
    """What a topic is found by, however it is written: `Open Source` and `open-source` are one."""
    return slugify(topic) or topic.casefold()


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()
