"""The service's own topics against its journal: every record is what an entry says, and none is missing.

Records never change either: what was read once is remembered by offset. All partitions are read side by side, in the
order of the batches they come from, so that a batch is fetched once for all its records.
"""

from asyncio import sleep, timeout
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.journal.keyring import Keyring
from chassis.journal.shape import JOURNAL, batch_id
from chassis.journal.vault import is_forgotten, opened_messages
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.reconcile.findings import Findings, Stale
from chassis.reconcile.journal import Line
from chassis.reconcile.pace import Pace
from chassis.reconcile.records import Made, Origin, Seen, header, same
from chassis.reconcile.renewed import Renewed
from chassis.relay.record import records, source_of
from contracts.registry import Topic

CHUNK = 200
FETCHED = 256 * 1024
"""Bytes that are fetched ahead of each partition; there may be dozens of them."""
WINDOW = 4
"""How many batches of a lane are compared at once, over all partitions."""
REMEMBERED = 32
YIELD = 100
"""So many records are compared before whatever else this process does has its turn."""
STILL = 30.0
"""Seconds in which Kafka must say something more, when there is more."""
FIELDS = {"at": 1, "entries.actor": 1, "entries.trace": 1, "entries.messages": 1, "entries.personal": 1}


@dataclass(slots=True)
class TopicBooks:
    """What has been read of the service's own topics.

    firsts, highs: by topic and subject, the first and the last sequence there.
    """

    database: Database
    kafka: KafkaSettings
    service: str
    registry: Mapping[str, Topic]
    pace: Pace
    past: Renewed
    keyring: Keyring
    findings: Findings = field(default_factory=Findings)
    offsets: dict[TopicPartition, int] = field(default_factory=dict)
    begins: dict[TopicPartition, int] = field(default_factory=dict)
    firsts: dict[Line, int] = field(default_factory=dict)
    highs: dict[Line, int] = field(default_factory=dict)
    _own: dict[str, Topic] = field(init=False)
    _batches: OrderedDict[Origin, dict[str, Made]] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.findings.looked_for("messages_without_entry", "messages_altered", "messages_repeated", "messages_missing")
        self._own = {
            self.kafka.topic(name): topic
            for name, topic in self.registry.items()
            if self.service in topic.writers and topic.partition != "lane"  # the relay's positions are read elsewhere
        }

    async def read_on(self, trimmed: Mapping[str, int]) -> None:
        """Compare what has come. trimmed: by lane, the batches that may be gone. Raises Stale, KafkaError,
        TimeoutError."""
        consumer = AIOKafkaConsumer(
            **self.kafka.client_options(),
            isolation_level="read_committed",
            enable_auto_commit=False,
            max_partition_fetch_bytes=FETCHED,
        )
        try:
            await consumer.start()
            places = [
                TopicPartition(name, number) for name, topic in self._own.items() for number in range(topic.partitions)
            ]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            self._look_at_begins(await consumer.beginning_offsets(places), ends)
            await self._read(
                consumer, {place: end for place, end in ends.items() if end > self.offsets[place]}, trimmed
            )
        finally:
            await consumer.stop()

    def _look_at_begins(self, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> None:
        moved = self.begins and self.begins != begins
        if moved or any(self.offsets.get(place, 0) > end for place, end in ends.items()):
            raise Stale("a topic begins or ends elsewhere than before")
        self.begins = dict(begins)
        for place, begin in begins.items():
            self.offsets.setdefault(place, begin)

    async def _read(
        self, consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int], trimmed: Mapping[str, int]
    ) -> None:
        if not ends:
            return
        consumer.assign(list(ends))
        for place in ends:
            consumer.seek(place, self.offsets[place])
        waiting: dict[TopicPartition, list[Seen]] = {place: [] for place in ends}
        while waiting:
            async with self.pace.step():
                await self._fill(consumer, waiting, ends)
                await self._compare(_next(waiting), trimmed)
        self.offsets.update(ends)

    async def _fill(
        self, consumer: AIOKafkaConsumer, waiting: dict[TopicPartition, list[Seen]], ends: Mapping[TopicPartition, int]
    ) -> None:
        """Something in hand of each partition that has more; those that have not are taken off."""
        async with timeout(STILL):
            while True:
                empty = [place for place, held in waiting.items() if not held]
                done = [place for place in empty if await consumer.position(place) >= ends[place]]
                for place in done:
                    del waiting[place]
                if len(done) == len(empty):
                    return
                asked = [place for place in empty if place in waiting]
                for place, some in (await consumer.getmany(*asked, timeout_ms=200, max_records=CHUNK)).items():
                    waiting[place] += [Seen.of(place, raw) for raw in some if raw.offset < ends[place]]

    async def _compare(self, seen: list[Seen], trimmed: Mapping[str, int]) -> None:
        own = [record for record in seen if self._is_own(record)]
        await self._fetch({record.origin for record in own})
        for count, record in enumerate(own):
            if count % YIELD == 0:
                await sleep(0)
            lane, n = record.origin
            expected = self._batches.get((lane, n), {}).get(record.headers.get("ce_id", ""))
            if expected is not None:
                if not same(expected, record, self.kafka):
                    self.findings.add("messages_altered", record.named)
            elif not (n > 0 and (n <= trimmed.get(lane, 0) or self.past.has_forgotten(lane))):
                self.findings.add("messages_without_entry", record.named)
                continue
            self._follow(record)
        while len(self._batches) > REMEMBERED:
            self._batches.popitem(last=False)

    def _is_own(self, record: Seen) -> bool:
        """On a topic of several writers only what names this service."""
        shared = len(self._own[record.place.topic].writers) > 1
        return not shared or record.headers.get("ce_source") == source_of(self.service)

    def _follow(self, record: Seen) -> None:
        topic, text = self._own[record.place.topic], record.headers.get("ce_sequence", "")
        if not (text.isdecimal() and text.isascii()):
            return  # it is altered, and counted so
        line, sequence = (topic.name, record.headers.get("ce_subject", "")), int(text)
        before = self.highs.get(line)
        if before is None:
            self.firsts[line] = self.highs[line] = sequence
        elif sequence <= before:
            self.findings.add("messages_repeated", record.named)
        else:
            if topic.cleanup == "delete" and sequence != before + 1:
                missing = f"{record.named}: {before} is followed by {sequence}"
                self.findings.add("messages_missing", missing, sequence - before - 1)
            self.highs[line] = sequence

    async def _fetch(self, origins: Iterable[Origin]) -> None:
        wanted = [origin for origin in origins if origin not in self._batches and origin[1] > 0]
        if not wanted:
            return
        ids = [batch_id(lane, n) for lane, n in wanted]
        found = await self.database[JOURNAL].find({"_id": {"$in": ids}}, fields=FIELDS)
        for batch in await opened_messages(self.keyring, found):
            messages = [message for entry in batch["entries"] for message in entry["messages"]]
            told = zip(records(batch, self.service, self.registry), messages, strict=True)
            made = {header(record, "ce_id"): Made(record, is_forgotten(message)) for record, message in told}
            self._batches[batch["_id"]["lane"], batch["_id"]["n"]] = made
            await sleep(0)

    def missing(self, sent: Mapping[Line, int], young: Mapping[Line, int], waiting: Mapping[Line, int]) -> Findings:
        """What the journal says is published and no topic has.

        sent: the last sequence by line; young: the first that cannot be gone by age; waiting: the first that is not
        published yet.
        """
        found = Findings()
        found.looked_for("messages_missing")
        for line, first in young.items():
            last = waiting[line] - 1 if line in waiting else sent[line]
            if last < first:
                continue
            high = self.highs.get(line, 0)
            if high < last:
                found.add("messages_missing", f"{line[0]}:{line[1]}@{high + 1}", last - max(high, first - 1))
            kept = self.registry[line[0]].cleanup == "delete"
            if kept and high >= first and self.firsts[line] > first:
                found.add("messages_missing", f"{line[0]}:{line[1]}@{first}", self.firsts[line] - first)
        return found


def _next(waiting: Mapping[TopicPartition, list[Seen]]) -> list[Seen]:
    """The records of the earliest batches in hand, taken out of it."""
    heads = [held[0].origin[1] for held in waiting.values() if held]
    if not heads:
        return []
    until = min(heads) + WINDOW
    taken: list[Seen] = []
    for held in waiting.values():
        count = next((i for i, seen in enumerate(held) if seen.origin[1] >= until), len(held))
        taken += held[:count]
        del held[:count]
    return taken
