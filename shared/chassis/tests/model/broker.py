"""Kafka as far as one transactional producer per lane goes: fencing, late markers, aborted records, offsets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from aiokafka.errors import ConcurrentTransactions, InvalidTxnState, KafkaConnectionError, ProducerFenced

Place = tuple[str, int]
TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Data:
    """A record of a transaction."""

    transaction: int
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Marker:
    """The end of a transaction in one partition; it takes an offset."""

    transaction: int
    committed: bool


@dataclass(slots=True)
class Partition:
    """An append-only log."""

    log: list[Data | Marker] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    ended: dict[int, bool] = field(default_factory=dict)

    def append(self, entry: Data | Marker) -> None:
        self.log.append(entry)
        if isinstance(entry, Data):
            self.open.add(entry.transaction)
        else:
            self.open.discard(entry.transaction)
            self.ended[entry.transaction] = entry.committed

    def stable(self) -> int:
        """The last stable offset: what lies beyond belongs to transactions that may still go either way."""
        return next((offset for offset, entry in enumerate(self.log) if entry.transaction in self.open), len(self.log))

    def read(self, start: int, count: int, *, committed: bool) -> tuple[list[Data], int]:
        """What a reader sees from an offset on, and its next offset."""
        end = min(start + count, self.stable() if committed else len(self.log))
        seen = [
            entry
            for entry in self.log[start:end]
            if isinstance(entry, Data) and (not committed or self.ended[entry.transaction])
        ]
        return seen, max(start, end)


@dataclass(slots=True)
class Coordinator:
    """The state of one transactional id."""

    epoch: int = 0
    state: str = "empty"
    transaction: int = 0
    until: float = 0.0
    places: set[Place] = field(default_factory=set)


class Broker:
    """Everything at one instant but the markers, which come one by one."""

    def __init__(self, rng: Random, time: Callable[[], float], later: Callable[..., None]) -> None:
        self.rng = rng
        self.time = time
        self.later = later
        self.up = True
        self.starts = 0
        self.partitions: dict[Place, Partition] = {}
        self._coordinators: dict[str, Coordinator] = {}
        self._transactions = 0

    @staticmethod
    def lost() -> Exception:
        error: Exception = KafkaConnectionError("connection lost")
        return error

    def stop(self) -> None:
        self.up = False
        self.starts += 1

    def partition(self, place: Place) -> Partition:
        return self.partitions.setdefault(place, Partition())

    def init(self, id_: str) -> int:
        """The new epoch. Raises ConcurrentTransactions until what the predecessor left is settled."""
        found = self._coordinators.setdefault(id_, Coordinator())
        self._expire(found)
        if found.state == "ongoing":
            found.epoch += 1
            self._end(found, committed=False)
        if found.state != "empty":
            raise ConcurrentTransactions
        found.epoch += 1
        return found.epoch

    def produce(self, id_: str, epoch: int, place: Place, transaction: int, records: list[Data]) -> int:
        """The offset of the first record."""
        found = self._fence(id_, epoch)
        if found.state != "ongoing" or found.transaction != transaction:
            raise InvalidTxnState
        found.places.add(place)
        offset = len(self.partition(place).log)
        for record in records:
            self.partition(place).append(record)
        return offset

    def begin(self, id_: str, epoch: int) -> int:
        found = self._fence(id_, epoch)
        if found.state != "empty":
            raise ConcurrentTransactions
        self._transactions += 1
        found.state, found.transaction, found.places = "ongoing", self._transactions, set()
        found.until = self.time() + TIMEOUT
        return self._transactions

    def commit(self, id_: str, epoch: int) -> None:
        found = self._fence(id_, epoch)
        if found.state != "ongoing":
            raise InvalidTxnState
        self._end(found, committed=True)

    def _fence(self, id_: str, epoch: int) -> Coordinator:
        found = self._coordinators.setdefault(id_, Coordinator())
        self._expire(found)
        if epoch != found.epoch:
            raise ProducerFenced
        return found

    def _expire(self, found: Coordinator) -> None:
        if found.state == "ongoing" and self.time() > found.until:
            found.epoch += 1
            self._end(found, committed=False)

    def _end(self, found: Coordinator, *, committed: bool) -> None:
        found.state = "ending"
        places = sorted(found.places)
        self._mark(found, places, found.transaction, committed)

    def _mark(self, found: Coordinator, places: list[Place], transaction: int, committed: bool) -> None:
        if not places:
            found.state = "empty"
            return
        self.later(0.02 * self.rng.random(), self._marked, found, places, transaction, committed)

    def _marked(self, found: Coordinator, places: list[Place], transaction: int, committed: bool) -> None:
        self.partition(places[0]).append(Marker(transaction, committed))
        self._mark(found, places[1:], transaction, committed)


def values(partition: Partition) -> list[Data]:
    """All that a read_committed reader sees."""
    return partition.read(0, len(partition.log), committed=True)[0]
