"""What a failure means, and how long to wait before the next try: pure decisions."""

from enum import Enum
from random import Random

from chassis.consumers.message import Permanent, Transient
from chassis.mongo import InvalidDocument, errors


class Failure(Enum):
    PERMANENT = "permanent"
    """The message, or the code that handles it, is at fault: trying again gives the same."""
    TRANSIENT = "transient"
    """May pass by itself; tried again in place for a while."""
    INFRASTRUCTURE = "infrastructure"
    """Nobody's message is at fault: wait for as long as it takes."""


_REFUSED_WRITES = frozenset({2, 9, 14, 16, 28, 40, 52, 54, 56, 57, 66, 121, 10334, 15947, 17280, 17419, 17420})
"""Server codes that speak of the content of one write: bad value or operator, validation, too large."""
_DUPLICATE_KEY = 11000

_BUGS = (ArithmeticError, AssertionError, AttributeError, LookupError, NameError, TypeError, ValueError)


def classify(error: BaseException) -> Failure:  # noqa: PLR0911 - a table
    """Which of the three a failed batch belongs to."""
    match error:
        case Permanent() | InvalidDocument() | errors.DocumentTooLarge():
            return Failure.PERMANENT
        case Transient():
            return Failure.TRANSIENT
        case errors.BulkWriteError():
            return _by_codes([found.get("code", 0) for found in (error.details or {}).get("writeErrors", [])])
        case errors.OperationFailure():
            return _by_codes([error.code or 0])
        case errors.PyMongoError():
            return Failure.INFRASTRUCTURE
        case _ if isinstance(error, _BUGS):
            return Failure.PERMANENT
        case _:
            return Failure.TRANSIENT


def _by_codes(codes: list[int]) -> Failure:
    if any(code in _REFUSED_WRITES for code in codes):
        return Failure.PERMANENT
    if _DUPLICATE_KEY in codes:
        return Failure.TRANSIENT
    return Failure.INFRASTRUCTURE


def said(error: BaseException) -> str:
    """A reason for people and dead letters; the driver's own text may quote the document, so only its code is given."""
    if isinstance(error, errors.PyMongoError):
        return f"{type(error).__name__} {getattr(error, 'code', None) or ''}".strip()
    return f"{type(error).__name__}: {error}"[:300]


def pause(attempt: int, random: Random, *, first: float = 0.05, longest: float = 5.0) -> float:
    """Seconds to wait before try `attempt` + 1 (from 0): doubling, of which a random half is taken off at most."""
    whole = min(longest, first * 2 ** min(attempt, 20))
    return float(whole * (1 - random.random() / 2))
