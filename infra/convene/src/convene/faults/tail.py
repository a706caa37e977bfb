"""A broker that loses the unflushed end of its logs, as a machine does that loses power: for a broker that is down."""

from dataclasses import dataclass
from pathlib import Path
from struct import unpack_from

HEAD = 61
"""Bytes of a record batch before its records: https://kafka.apache.org/documentation/#recordbatch"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Where a record batch lies in a segment. offset: of its first record."""

    offset: int
    at: int
    size: int


def batches(segment: bytes) -> list[Batch]:
    """The whole batches of a segment; zeros that were only made room for, and half a batch, end it."""
    found: list[Batch] = []
    at = 0
    while at + HEAD <= len(segment):
        offset, length = unpack_from(">qi", segment, at)
        size = 12 + length
        if length <= 0 or at + size > len(segment):
            break
        found.append(Batch(offset, at, size))
        at += size
    return found


def lose(log_dir: Path, topic: str, partition: int, number: int) -> int:
    """Take the last `number` batches of a partition off its last segment, and leave half of the first of them, as a
    torn write does. How many were taken; the broker finds its way at its next start."""
    segments = sorted((log_dir / f"{topic}-{partition}").glob("*.log"))
    if not segments:
        return 0
    content = segments[-1].read_bytes()
    lost = batches(content)[-number:] if number else []
    if not lost:
        return 0
    with segments[-1].open("r+b") as file:
        file.truncate(lost[0].at + lost[0].size // 2)
    return len(lost)


def lost_power(log_dir: Path) -> None:
    """Forget that the broker was stopped in good order, if it was: it then looks through what it has."""
    (log_dir / ".kafka_cleanshutdown").unlink(missing_ok=True)
