"""31-bit numbers for RSVPs, the ids that public streams show.

Numbers come in blocks of 1,000, and block b belongs to shelf b mod 64; an event takes from one shelf. With 1, 2, 4, …
64 lanes each shelf belongs to one lane, so that writers never wait for each other. Gaps are allowed; a number is never
given twice.
"""

from typing import Final

BLOCK: Final = 1_000
SHELVES: Final = 64
LARGEST: Final = 2**31 - 1


def number_at(shelf: int, taken: int) -> int | None:
    """The number that follows after `taken` numbers of this shelf are gone; None when the shelf is empty."""
    if not 0 <= shelf < SHELVES:
        raise ValueError(f"there are {SHELVES} shelves, {shelf} is none of them")
    block, offset = divmod(taken, BLOCK)
    number = (block * SHELVES + shelf) * BLOCK + offset + 1
    return number if number <= LARGEST else None
