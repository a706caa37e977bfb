"""Bugs planted in the journal, to see that the model can fail. Those marked "once so" were real."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from chassis.journal import Command, generation, handoff, settle, spreading, writer
from chassis.journal.attempt import Attempt
from chassis.journal.decided import Decided
from chassis.journal.lease import EPOCH, Lease
from chassis.journal.remote import Remote
from chassis.journal.shape import HANDOFFS, RELAYS, RESULTS
from chassis.journal.suspects import Suspects
from chassis.journal.vault import Vault
from chassis.journal.writer import LaneWriter
from chassis.mongo import Database, Document, Session, Write, errors
from chassis.relay import lane as relay_lane
from chassis.relay import part
from chassis.relay.lane import LaneRelay
from model.client import ModelCollection, ModelDatabase
from model.kafka import ModelConsumer, ModelProducer
from model.world import World

Plant = Callable[[pytest.MonkeyPatch], None]


def answers_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    async def early(database: Database, session: Session, lane: str, n: int | None, mark: str) -> None:
        committing = asyncio.ensure_future(session.commit())
        committing.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.sleep(0)

    patch.setattr(writer, "committed", early)


def takes_an_unknown_outcome_for_done(patch: pytest.MonkeyPatch) -> None:
    async def careless(database: Database, session: Session, lane: str, n: int | None, mark: str) -> None:
        try:
            await session.commit()
        except errors.PyMongoError:
            return

    patch.setattr(writer, "committed", careless)


def does_not_read_the_head_again(patch: pytest.MonkeyPatch) -> None:
    recover = LaneWriter._recover

    async def blind(self: LaneWriter, error: Exception, decided: Decided | None, session: Session) -> None:
        n, last = self._n, self._last
        await recover(self, error, decided, session)
        self._n, self._last = n, last

    async def first(database: Database, lane: str) -> tuple[int, None]:
        return 0, None

    patch.setattr(LaneWriter, "_recover", blind)
    patch.setattr(writer, "open_head", first)


def leaves_dead_transactions_open(patch: pytest.MonkeyPatch) -> None:
    command = ModelDatabase.command

    async def tame(self: ModelDatabase, given: Document) -> Document:
        return {} if "killSessions" in given else await command(self, given)

    patch.setattr(ModelDatabase, "command", tame)


def forgets_the_session_before_the_last(patch: pytest.MonkeyPatch) -> None:
    """Once so: a taking that failed halfway replaced the dead writer's session by its own."""
    take = Lease.take

    async def one(self: Lease, **more: Any) -> Document | None:
        if "before" in more:
            last = {"$setDifference": [["$lsid"], [more["lsid"], None]]}
            more["before"] = {"$cond": [{"$eq": ["$lsid", more["lsid"]]}, "$before", last]}
        return await take(self, **more)

    patch.setattr(Lease, "take", one)


def _outside(patch: pytest.MonkeyPatch, collection: str) -> None:
    write = ModelCollection.write

    async def outside(
        self: ModelCollection, writes: Sequence[Write], *, ordered: bool = True, session: Session | None = None
    ) -> int:
        return await write(self, writes, ordered=ordered, session=None if self.name == collection else session)

    patch.setattr(ModelCollection, "write", outside)


def writes_results_outside_the_transaction(patch: pytest.MonkeyPatch) -> None:
    _outside(patch, RESULTS)


def removes_handoffs_outside_the_transaction(patch: pytest.MonkeyPatch) -> None:
    _outside(patch, HANDOFFS)


def decides_what_was_decided(patch: pytest.MonkeyPatch) -> None:
    gather = Attempt.gather

    async def forgetful(self: Attempt, direct: Sequence[Command], **how: Any) -> tuple[Decided, list[Command]]:
        decided, todo = await gather(self, direct, **how)
        again = [command for command in direct if command.id in decided.known]
        decided.known = {}
        return decided, [*todo, *again]

    patch.setattr(Attempt, "gather", forgetful)


def takes_lines_by_arrival(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(handoff, "in_order", lambda found, line: list(found))


def lets_a_line_overtake_a_suspect(patch: pytest.MonkeyPatch) -> None:
    """Once so."""

    def apart(self: Suspects, todo: list[Command], decided: Decided) -> list[Command]:
        suspects = [command for command in todo if command.id in self._times]
        going = [command for command in todo if command.id not in self._times] or suspects[:1]
        decided.put_back.update({command.id for command in todo} - {command.id for command in going})
        return going

    patch.setattr(Suspects, "apart", apart)


def lets_newcomers_before_a_continuation(patch: pytest.MonkeyPatch) -> None:
    """Once so, within the batch that made the continuation."""

    def decide(self: Attempt, commands: Sequence[Command], decided: Decided, refused: Collection[str]) -> None:
        for command in commands:
            self._decide_one(command, decided, refused)

    patch.setattr(Attempt, "decide", decide)


def ends_with_a_command_whose_reads_break(patch: pytest.MonkeyPatch) -> None:
    """Once so."""

    def missing(self: Attempt, command: Command, decided: Decided) -> list[Any]:
        return decided.documents.missing(self.deciders[command.name].reads(command, decided.documents))

    patch.setattr(Attempt, "_missing", missing)


def decides_for_those_who_have_gone(patch: pytest.MonkeyPatch) -> None:
    find = ModelCollection.find

    async def timeless(self: ModelCollection, *given: Any, **how: Any) -> list[Document]:
        found = await find(self, *given, **how)
        return [{**one, "deadline": None} for one in found] if self.name == HANDOFFS else found

    patch.setattr(ModelCollection, "find", timeless)


def loses_what_comes_while_it_forwards(patch: pytest.MonkeyPatch) -> None:
    """Once so."""
    forward = Remote._forward

    async def careless(self: Remote) -> None:
        before = self._fresh[:]
        await forward(self)
        if before:
            self._fresh.clear()

    patch.setattr(Remote, "_forward", careless)


def skips_an_n(patch: pytest.MonkeyPatch) -> None:
    write = Attempt.write

    async def ahead(self: Attempt, decided: Decided, n: int, mark: str, session: Session) -> None:
        await write(self, decided, n + (1 if len(decided.results) > 2 else 0), mark, session)

    patch.setattr(Attempt, "write", ahead)


def goes_on_after_the_seal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(writer, "open_head", settle.head)


def begins_new_lanes_before_the_old_have_ended(patch: pytest.MonkeyPatch) -> None:
    async def unsealed(database: Database, lane: str, session: Session | None = None) -> datetime:
        return EPOCH

    patch.setattr(generation, "put_seal", unsealed)


def forgets_the_rest_of_a_spread(patch: pytest.MonkeyPatch) -> None:
    """Hands over the first children alone."""

    def first_only(cause: Command, children: Sequence[Command], sequence: int, done: int = 0) -> list[Command]:
        return list(children[: spreading.AT_ONCE])

    patch.setattr(spreading, "handed_on", first_only)


def lets_newcomers_into_a_spread(patch: pytest.MonkeyPatch) -> None:
    """The continuation of a spread waits its turn."""
    handed_on = spreading.handed_on

    def later(cause: Command, children: Sequence[Command], sequence: int, done: int = 0) -> list[Command]:
        found = handed_on(cause, children, sequence, done)
        return [replace(one, first=False) if one.name == spreading.SPREAD else one for one in found]

    patch.setattr(spreading, "handed_on", later)


def writes_own_text_readable(patch: pytest.MonkeyPatch) -> None:
    async def plain(
        self: Vault,
        entries: Sequence[Document],
        results: Iterable[Document],
        children: Sequence[Command],
        personal: Mapping[str, Command],
    ) -> tuple[list[Document], list[Document], list[Command]]:
        return list(entries), list(results), list(children)

    patch.setattr(Vault, "sealed", plain)


def repeats_what_was_sealed(patch: pytest.MonkeyPatch) -> None:
    """Tells a repeat the answer as it is stored."""

    async def sealed(self: Vault, results: Sequence[Document]) -> list[Document]:
        return list(results)

    patch.setattr(Vault, "answers", sealed)


JOURNAL_BUGS: tuple[Plant, ...] = (
    answers_before_the_commit,
    takes_an_unknown_outcome_for_done,
    does_not_read_the_head_again,
    leaves_dead_transactions_open,
    forgets_the_session_before_the_last,
    writes_results_outside_the_transaction,
    removes_handoffs_outside_the_transaction,
    decides_what_was_decided,
    takes_lines_by_arrival,
    lets_a_line_overtake_a_suspect,
    lets_newcomers_before_a_continuation,
    forgets_the_rest_of_a_spread,
    lets_newcomers_into_a_spread,
    writes_own_text_readable,
    repeats_what_was_sealed,
    ends_with_a_command_whose_reads_break,
    decides_for_those_who_have_gone,
    loses_what_comes_while_it_forwards,
    skips_an_n,
    goes_on_after_the_seal,
    begins_new_lanes_before_the_old_have_ended,
)


def believes_what_was_aborted(patch: pytest.MonkeyPatch) -> None:
    start = ModelConsumer.start

    async def gullible(self: ModelConsumer) -> None:
        self.committed = False
        await start(self)

    patch.setattr(ModelConsumer, "start", gullible)


def finds_its_place_before_it_fences(patch: pytest.MonkeyPatch) -> None:
    begin, start = ModelProducer.begin_transaction, ModelProducer.start

    async def nothing(self: ModelProducer) -> None:
        return

    async def late(self: ModelProducer) -> None:
        if not self.epoch:
            await start(self)
        await begin(self)

    patch.setattr(ModelProducer, "start", nothing)
    patch.setattr(ModelProducer, "begin_transaction", late)


def does_not_fence(patch: pytest.MonkeyPatch) -> None:
    start = ModelProducer.start

    async def alone(self: ModelProducer) -> None:
        self.id = f"{self.id} {self.world.rng.random()}"
        await start(self)

    patch.setattr(ModelProducer, "start", alone)


def takes_an_unknown_publication_for_done(patch: pytest.MonkeyPatch) -> None:
    commit = ModelProducer.commit_transaction

    async def careless(self: ModelProducer) -> None:
        with suppress(KafkaError):
            await commit(self)

    patch.setattr(ModelProducer, "commit_transaction", careless)


def publishes_again_after_an_error(patch: pytest.MonkeyPatch) -> None:
    """Begins again where it believes it was, not where Kafka says."""
    recover = LaneRelay._recover

    async def stubborn(self: LaneRelay) -> tuple[int, str | None]:
        known = self.n, self.batch
        found = await recover(self)
        return known if self.n >= 0 else found

    patch.setattr(LaneRelay, "_recover", stubborn)


def marks_only_a_first_batch(patch: pytest.MonkeyPatch) -> None:
    """Once so: a lane whose first batch had no message was never marked as published."""
    mark = LaneRelay._mark

    async def first(self: LaneRelay, **how: float) -> None:
        if self.n == 0:
            await mark(self, **how)

    patch.setattr(LaneRelay, "_mark", first)


def keeps_the_database_busy_while_it_waits(patch: pytest.MonkeyPatch) -> None:
    """Once so: a relay without the lease was woken at once by a bell that only the holder silenced."""
    rest = relay_lane._rest

    async def restless(until: asyncio.Event, seconds: float) -> None:
        await rest(until, min(seconds, 0.001))

    patch.setattr(relay_lane, "_rest", restless)


def publishes_new_lanes_beside_the_old(patch: pytest.MonkeyPatch) -> None:
    async def every(database: Database) -> list[tuple[str, int]]:
        found = await database[RELAYS].find({"ended": {"$ne": True}})
        return [(relay["_id"], int(relay["_id"].partition(".")[2])) for relay in found]

    patch.setattr(part, "unpublished_lanes", every)


def ends_a_lane_before_it_is_published(patch: pytest.MonkeyPatch) -> None:
    publish = LaneRelay._publish

    async def early(self: LaneRelay, producer: Any, batches: list[Document]) -> None:
        if batches[-1].get("seal"):
            await self._end()
        await publish(self, producer, batches)

    patch.setattr(LaneRelay, "_publish", early)


def waits_behind_a_seal_it_published(patch: pytest.MonkeyPatch) -> None:
    """Once so: whoever published the seal, and could not tell, found nothing left to publish and never ended the lane.
    Here nobody can tell at once."""
    look, tell = settle.end, LaneRelay._end
    tried: set[LaneRelay] = set()

    async def unsealed(database: Database, lane: str) -> tuple[int, datetime | None, bool]:
        n, at, _ = await look(database, lane)
        return n, at, False

    async def unheard(self: LaneRelay) -> None:
        if self not in tried:
            tried.add(self)
            raise errors.AutoReconnect("connection lost")
        await tell(self)

    patch.setattr(relay_lane, "end", unsealed)
    patch.setattr(LaneRelay, "_end", unheard)


RELAY_BUGS: tuple[Plant, ...] = (
    believes_what_was_aborted,
    finds_its_place_before_it_fences,
    does_not_fence,
    takes_an_unknown_publication_for_done,
    publishes_again_after_an_error,
    marks_only_a_first_batch,
    keeps_the_database_busy_while_it_waits,
    publishes_new_lanes_beside_the_old,
    ends_a_lane_before_it_is_published,
    waits_behind_a_seal_it_published,
)


def tilted(world: World) -> None:
    """More of what brings rare bugs to light: contested names in lines, lost calls, relays."""
    world.naming = 0.7
    world.publishes = True
    world.faults.kinds = frozenset({"lost", "forgets", "cut", "lanes"})
    world.faults.rate = 0.1


TILTED: frozenset[Plant] = frozenset(
    {
        takes_an_unknown_outcome_for_done,
        forgets_the_session_before_the_last,
        lets_a_line_overtake_a_suspect,
        takes_an_unknown_publication_for_done,
        publishes_again_after_an_error,
        goes_on_after_the_seal,
        begins_new_lanes_before_the_old_have_ended,
        publishes_new_lanes_beside_the_old,
        ends_a_lane_before_it_is_published,
    }
)
