"""How many requests a caller may make, and answers without end have open: signed-in ones as members, others by the
network they come from.

In this process' memory: each process of a service counts for itself (docs/decisions/0012).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

from chassis import clock
from chassis.http.problems import Problem
from chassis.settings import ServiceSettings

WINDOW: Final = 60.0
"""Seconds that a rate is given for, and in which one who has used it up has it in full again."""
WAIT_COSTS: Final = 0.1
"""Seconds of waiting that count as one request more."""
_KEPT = 100_000

_ROUNDING = 1e-6
_MOST = WINDOW + _ROUNDING

_RESETS = tuple((b"ratelimit-reset", b"%d" % seconds) for seconds in range(round(WINDOW) + 2))

HeaderPairs = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests in a window of 60 seconds, for those who sign in and for those who do not."""

    per_member: int
    per_address: int

    @staticmethod
    def of(settings: ServiceSettings) -> "Rate":
        """As the environment says; else enough for people in production, and for load tests elsewhere."""
        usual = _PRODUCTION if settings.env == "production" else _ELSEWHERE
        return Rate(settings.rate_per_member or usual.per_member, settings.rate_per_address or usual.per_address)


_PRODUCTION: Final = Rate(per_member=600, per_address=1_200)
_ELSEWHERE: Final = Rate(per_member=1_000_000, per_address=1_000_000)


class Limit:
    """The generic cell rate algorithm (ITU-T I.371): for each key the moment at which it will owe nothing.

    Each request owes `60 s / requests`, and nobody may owe more than 60 s. Who has called least lately is forgotten
    first: of two halves of up to 100,000 keys the older one goes when the newer is full.
    """

    __slots__ = ("_all", "_now", "_older", "_requests", "_room", "_share", "_until")

    def __init__(self, requests: int, now: Callable[[], float] = clock.monotonic, room: int = _KEPT) -> None:
        self._requests = (b"ratelimit-limit", b"%d" % requests)
        self._all = requests + _ROUNDING
        self._share = WINDOW / requests
        self._now = now
        self._room = room
        self._until: dict[str, float] = {}
        self._older: dict[str, float] = {}

    def enter(self, key: str) -> HeaderPairs:
        """Count a request; what its answer says of the limit. Raises Problem 429; a refused one is not counted."""
        now = self._now()
        until = self._until.get(key)
        if until is None:
            until = self._room_for(key)
        owed = (until - now if until > now else 0.0) + self._share
        if owed > _MOST:
            self._until[key] = until  # whoever goes on calling is not forgotten
            raise self._refused(owed)
        self._until[key] = now + owed
        return self._told(owed)

    def waited(self, key: str, seconds: float) -> HeaderPairs:
        """Count what a request has waited here, after it was let in, for what it builds on."""
        now = self._now()
        owed = max(self._until.get(key, now) - now, 0.0) + int(seconds / WAIT_COSTS) * self._share
        owed = min(owed, WINDOW)
        self._until[key] = now + owed
        return self._told(owed)

    def __len__(self) -> int:
        """Of how many keys something is remembered."""
        return len(self._until) + len(self._older)

    def _room_for(self, key: str) -> float:
        if len(self._until) >= self._room:
            self._older, self._until = self._until, {}
        return self._older.get(key, 0.0)

    def _told(self, owed: float) -> HeaderPairs:
        """The limit, what is left of it, and the seconds until all of it is there again."""
        left = int(self._all - owed / self._share)
        return (self._requests, (b"ratelimit-remaining", b"%d" % left), _RESETS[ceil(owed)])

    def _refused(self, owed: float) -> Problem:
        told = {name.decode(): value.decode() for name, value in self._told(WINDOW)}
        told["retry-after"] = str(max(1, ceil(owed - WINDOW)))
        return Problem(429, "too-many-requests", "Too many requests", "Wait as long as Retry-After says.", headers=told)


class Admission:
    """Who reads answers that do not end, by key; of each key at most so many at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def place(self, key: str) -> Iterator[None]:
        """One more reader, as long as it lasts. Raises Problem 429 when there are as many as there may be."""
        if self._open[key] >= self._most:
            detail = f"At most {self._most} connections at a time."
            raise Problem(429, "too-many-streams", "Too many streams", detail, headers={"retry-after": "30"})
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    def __len__(self) -> int:
        """How many read."""
        return self._open.total()


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What counts as one address: of IPv6 a /64, which is what one customer is given; an IPv4 one in either form."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        mapped = ip.ipv4_mapped
        return str(mapped) if mapped is not None else str(IPv6Address(int(ip) >> 64 << 64))
    return address
