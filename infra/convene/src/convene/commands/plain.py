"""Text of others on a terminal."""

from unicodedata import bidirectional, category

from rich.text import Text

STEERING = {"Cc", "Cs", "Zl", "Zp"}
"""Control characters, halves of pairs, ends of lines and paragraphs."""
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""What turns the direction of the text after it."""


def plain(text: str) -> Text:
    """The text as it is: nothing in it is markup, and what would steer the terminal is written out (`\\x1b`)."""
    return Text("".join(map(_shown, text)))


def _shown(one: str) -> str:
    steers = category(one) in STEERING or bidirectional(one) in TURNING
    return one.encode("unicode_escape").decode() if steers else one
