"""Taking a batch in: effects, marks, handoffs and parked records in one transaction, around whatever fails."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from time import monotonic
from typing import Any

import structlog

from chassis.consumers import letter, marks
from chassis.consumers.decode import Address, Decoded, Refusal, gapless
from chassis.consumers.effects import Effects
from chassis.consumers.message import Received, Subscription
from chassis.consumers.order import UNSEEN, Mark, Plan, Verdict, halves, plan
from chassis.consumers.parking import PARKED, any_left, of_address, park
from chassis.consumers.retry import Failure, classify, pause, said
from chassis.crash import crash_point
from chassis.mongo import Database, DeleteMany, DeleteOne, Session, errors

log = structlog.get_logger(__name__)


class Unavailable(Exception):
    """Nothing is wrong with the messages; what they need is not there. Try again, for ever.

    answered: the server is there and refused: a smaller transaction may do.
    """

    def __init__(self, why: str, *, answered: bool = False) -> None:
        super().__init__(why)
        self.answered = answered


@dataclass(slots=True)
class Applier:
    """What a group does with messages, apart from where they come from.

    outcomes: how many records had which verdict, by topic. resumable: subjects whose missing message has come, so that
    what waits behind it can be applied. build: the number of a rebuild, see `Effects`.
    """

    database: Database
    group: str
    subscriptions: Mapping[str, Subscription]
    build: int | None = None
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    resumable: set[Address] = field(default_factory=set)
    random: Random = field(default_factory=Random)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, items: Sequence[Decoded], *, until: float, replaying: bool = False) -> None:
        """Apply what can be applied and put aside what cannot.

        until: the monotonic time after which nothing is tried again in place. replaying: these are the first parked
        ones of one subject. Raises Unavailable; what was applied before is then known by its marks.
        """
        if not items:
            return
        try:
            await self._attempt(items, replaying)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is classified
            failure = _blame(error)
            if len(items) == 1:
                await self._settle(items[0], error, failure, until, replaying)
                return
        else:
            return
        first, second = halves(list(items))
        await self.run(first, until=until, replaying=replaying)
        if not replaying:  # a replay reads anew what is left after its first half
            await self.run(second, until=until)

    async def finish(self, within: float) -> None:
        """Wait for transactions whose caller was cancelled; one session is never left to two coroutines."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=within)

    async def _settle(self, item: Decoded, error: Exception, failure: Failure, until: float, replaying: bool) -> None:
        tries = 0
        while failure is Failure.TRANSIENT and monotonic() < until:
            await asyncio.sleep(pause(tries, self.random))
            tries += 1
            try:
                await self._attempt([item], replaying)
            except Exception as another:  # noqa: BLE001 - as in run
                error, failure = another, _blame(another)
            else:
                return
        log.error(
            "message put aside",
            group=self.group,
            topic=item.record.topic,
            partition=item.record.partition,
            offset=item.record.offset,
            reason=said(error),
            exc_info=None if isinstance(error, errors.PyMongoError) else error,  # its text may quote the document
        )
        refused = replace(item, received=None, refusal=Refusal("rejected", said(error)))
        try:
            await self._attempt([refused], replaying)
        except Exception as another:
            raise Unavailable("a record could not be put aside") from another

    async def _attempt(self, items: Sequence[Decoded], replaying: bool) -> None:
        """One transaction, which a cancelled caller does not interrupt: it ends by itself, one way or the other."""
        task = asyncio.create_task(self._transact(items, replaying))
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        await asyncio.shield(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()

    async def _transact(self, items: Sequence[Decoded], replaying: bool) -> None:
        async with self.database.transaction() as session:
            addresses = {item.address for item in items if item.address is not None}
            before = await marks.read(self.database, addresses, session)
            planned = plan(items, before, gapless, replaying=replaying)
            if not planned.only_duplicates:
                effects = Effects(self.database, session)
                effects.build = self.build
                await self._apply(planned, effects)
                effects.build = None
                self._put_aside(planned, effects)
                if replaying or planned.freed:
                    await self._still_held(planned, before, session)
                moved, made = marks.writes(before, _touched(planned))
                marks.check(len(moved), *await effects.send((marks.MARKS, moved), (marks.MARKS, made)))
                crash_point("consumer.before-commit")
        crash_point("consumer.after-commit")
        self._count(planned)

    async def _apply(self, planned: Plan, effects: Effects) -> None:
        received: dict[str, list[Received[Any]]] = {}
        for item in planned.having(Verdict.APPLY):
            if item.received is not None:
                received.setdefault(item.record.topic, []).append(item.received)
        for topic, messages in received.items():
            await self.subscriptions[topic].apply(messages, effects)

    def _put_aside(self, planned: Plan, effects: Effects) -> None:
        for item, verdict in planned.verdicts:
            match verdict:
                case Verdict.APPLY | Verdict.DUPLICATE:
                    if item.stored:
                        effects.write(PARKED, DeleteOne({"_id": item.record.id}))
                case Verdict.BEHIND:
                    effects.write(PARKED, park(item, self.group, culprit=False))
                case Verdict.CULPRIT | Verdict.ALONE:
                    effects.write(PARKED, park(item, self.group, culprit=True))
                    effects.handoff(letter.command(item, self.group))
        for address, sequence in planned.freed.items():
            effects.write(PARKED, DeleteMany({**of_address(address), "sequence": {"$lte": sequence}}))

    async def _still_held(self, planned: Plan, before: Mapping[Address, Mark], session: Session) -> None:
        """After a replay, or a deletion, a subject is free only when nothing of it is left."""
        done = [item.record.id for item in planned.having(Verdict.APPLY, Verdict.DUPLICATE)]
        for address, mark in planned.marks.items():
            held = before[address].held if address in before else None
            after = planned.freed.get(address, UNSEEN)
            if mark.held is None and held and await any_left(self.database, address, done, session, after=after):
                planned.marks[address] = replace(mark, held=held)

    def _count(self, planned: Plan) -> None:
        for item, verdict in planned.verdicts:
            self.outcomes[item.record.topic, verdict.value] += 1
            if verdict is not Verdict.APPLY or item.address is None:
                continue
            held = planned.marks[item.address].held
            if held is not None and held.missing:
                self.resumable.add(item.address)


def _touched(planned: Plan) -> dict[Address, Mark]:
    """Marks that duplicates alone touched stay as they are."""
    acted = {item.address for item, verdict in planned.verdicts if verdict is not Verdict.DUPLICATE or item.stored}
    return {address: mark for address, mark in planned.marks.items() if address in acted}


def _blame(error: Exception) -> Failure:
    """Permanent or transient. Raises Unavailable for everything that is nobody's fault."""
    if isinstance(error, marks.Overtaken):
        raise Unavailable("another member of the group was faster") from error
    failure = classify(error)
    if failure is Failure.INFRASTRUCTURE:
        raise Unavailable(said(error), answered=isinstance(error, errors.OperationFailure)) from error
    return failure
