"""31-bit numbers for RSVPs, the ids that public streams show.

Numbers come in blocks of 1,000, and block b belongs to shelf b mod 8. One writer takes from one shelf, so several
writers never need to agree on the next number. Gaps are allowed; a number is never given twice.
"""

from typing import Final

BLOCK: Final = 1_000
SHELVES: Final = 8
LARGEST: Final = 2**31 - 1


def number_at(shelf: int, taken: int) -> int | None:
    """The number that follows after `taken` numbers of this shelf are gone; None when the shelf is empty."""
    if not 0 <= shelf < SHELVES:
        raise ValueError(f"there are {SHELVES} shelves, {shelf} is none of them")
    block, offset = divmod(taken, BLOCK)
    number = (block * SHELVES + shelf) * BLOCK + offset + 1
    return number if number <= LARGEST else None
