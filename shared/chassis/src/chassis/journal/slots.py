"""Which lane decides for an aggregate.

An aggregate belongs to one of a fixed number of slots for ever, and a lane decides for the slots whose remainder by the
number of lanes is its index. So when that number changes, nothing that belongs to a slot has to move: neither the
handoffs that wait, nor documents that only one lane may write.
"""

from zlib import crc32

SLOTS = 8


def slot_of(aggregate: str) -> int:
    """The same in every process and release."""
    return crc32(aggregate.encode()) % SLOTS


def lane_index(aggregate: str, lanes: int) -> int:
    """The index of the lane, of at most SLOTS."""
    return slot_of(aggregate) % lanes


def slots_of(index: int, lanes: int) -> list[int]:
    """The slots of a lane."""
    return list(range(index, SLOTS, lanes))
