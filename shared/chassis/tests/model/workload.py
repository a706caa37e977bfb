"""Who wants something: callers who repeat, consumers who hand over in lines, workers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from chassis.journal import (
    HANDOFFS,
    Busy,
    Command,
    Failed,
    Mismatch,
    Result,
    Source,
    Unknown,
    hand_over,
    handoff_write,
)
from chassis.mongo import ReplaceOne, errors
from model.ledger import SEEN, act
from model.world import Process, World, quietly

MARKS = "marks"
ACCOUNT_NAMES = ("ada", "bo", "cy", "dee")

WISHES: dict[Callable[[Random], dict[str, Any]], int] = {
    lambda rng: {}: 44,
    lambda rng: {"limit": rng.randint(0, 4)}: 6,
    lambda rng: {"idle": 1}: 5,
    lambda rng: {"spread": rng.sample(ACCOUNT_NAMES, rng.randint(1, 4))}: 9,
    lambda rng: {"steps": rng.randint(1, 3)}: 8,
    lambda rng: {"look": 1}: 6,
    lambda rng: {"also": 1}: 4,
    lambda rng: {"silent": 1}: 3,
    lambda rng: {"secret": f"mine {rng.random()}"}: 4,
    lambda rng: {rng.choice(("broken", "broken_reads")): 2}: 3,
}
"""Bodies and how often."""


class Overtaken(Exception):
    """Another member of the group moved the mark."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a caller was told."""

    command: Command
    said: Result | Exception
    asked: float
    at: float
    deadline: float


@dataclass(slots=True)
class Line:
    """Messages of one subject, each causing a command, in ascending sequence."""

    name: str
    commands: list[Command]
    shuffled: bool

    @property
    def mark(self) -> str:
        return f"mark of {self.name}"


@dataclass(slots=True)
class Workload:
    """What is asked, and what was heard."""

    world: World
    commands: dict[str, Command] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    handed: dict[str, Command] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    heard: list[Heard] = field(default_factory=list)

    def command(self, aggregate: str | None = None, *, handed: bool = False, naming: float = 0.12) -> Command:
        """A new wish, of any kind. naming: how likely it claims a name."""
        rng = self.world.rng
        body: dict[str, Any] = {}
        if rng.random() < naming:
            body["name"] = rng.choice(("x", "y", "z", ""))
        else:
            body = rng.choices(list(WISHES), list(WISHES.values()))[0](rng)
        number = len(self.commands) + 1
        command = act(f"c{number}", aggregate or rng.choice(ACCOUNT_NAMES), key=f"key {number}", **body)
        if handed and rng.random() < 0.06:
            command = replace(command, name="account.newer")
        self.commands[command.id] = command
        return command

    # Callers

    async def caller(self, commands: list[Command], patient: bool) -> None:
        """Repeats each command until it is answered, wherever there is a process; the impatient ask once."""
        world = self.world
        for command in commands:
            await asyncio.sleep(0.02 * world.rng.random())
            answered = False
            while not answered:
                answered = await self._ask(command) or not patient
                await asyncio.sleep(world.rng.uniform(0.0, 0.1))
            await asyncio.sleep(world.rng.choice((0, 0, 0.02, 0.2)) * world.rng.random())

    async def _ask(self, command: Command) -> bool:
        """Whether there was an answer."""
        world, rng = self.world, self.world.rng
        serving = world.serving()
        if not serving:
            await asyncio.sleep(0.05)
            return False
        deadline = rng.choice((0.3, 1.0, 3.0))
        if rng.random() < 0.05:
            command = replace(command, fingerprint=f"not {command.fingerprint}")
        process, asked = rng.choice(serving), world.loop.now
        self.asked.add(command.id)
        task = process.spawn(process.journal.run(command, deadline=deadline))
        task.add_done_callback(quietly)
        cancels = "cancel" in world.faults.kinds and world.faults.on and rng.random() < 0.1
        await asyncio.wait({task}, timeout=rng.uniform(0, 0.05) if cancels else deadline + 0.5)
        if not task.done():
            if cancels:
                task.cancel()
            return False
        return not task.cancelled() and self._hear(command, task, asked, deadline)

    def _hear(self, command: Command, task: "asyncio.Task[Result]", asked: float, deadline: float) -> bool:
        error = task.exception()
        if error is None:
            said: Result | Exception = task.result()
        elif isinstance(error, Exception):
            said = error
        else:
            raise error
        self.world.note("caller", f"{command.id} of {command.aggregate} hears {said!r}")
        self.heard.append(Heard(command, said, asked, self.world.loop.now, deadline))
        if isinstance(said, Mismatch):
            return command.fingerprint == self.commands[command.id].fingerprint
        return not isinstance(said, Unknown | Busy | Failed)

    # Consumers, workers

    def line(self, number: int, length: int) -> Line:
        rng = self.world.rng
        name, aggregate, naming = f"line{number}", rng.choice(ACCOUNT_NAMES), self.world.naming
        commands = []
        for sequence in range(1, length + 1):
            target = aggregate if rng.random() < 0.8 else rng.choice(ACCOUNT_NAMES)
            command = self.command(target, handed=True, naming=naming)
            command = replace(command, source=Source("model.topic.v1", name, sequence), fingerprint=None)
            self.commands[command.id] = command
            commands.append(command)
        line = Line(name, commands, rng.random() < 0.3)
        self.lines.append(line)
        return line

    async def consumed(self, line: Line) -> None:
        """Some process at a time takes messages in; sometimes two believe it is their turn."""
        taken = [0]

        async def take(process: Process) -> None:
            while taken[0] < len(line.commands):
                taken[0] = max(taken[0], await self._take_in(process, line))

        await self._somewhere(take, lambda: taken[0] >= len(line.commands))

    async def _take_in(self, process: Process, line: Line) -> int:
        """One batch of messages: effects, mark and handoffs in one transaction. The mark afterwards."""
        database, rng = process.database, self.world.rng
        async with database.transaction() as session:
            found = await database[MARKS].find_one({"_id": line.mark}, session=session)
            mark = 0 if found is None else int(found["sequence"])
            more = len(line.commands) if line.shuffled else rng.randint(1, 3)
            batch = line.commands[mark : mark + more]
            if line.shuffled:
                rng.shuffle(batch)
            writes = [handoff_write(command) for command in batch]
            await database[HANDOFFS].write(writes, session=session)
            if rng.random() < 0.5:
                seen = await database[SEEN].find_one({"_id": "seen"}, session=session)
                count = 0 if seen is None else seen["count"]
                await database[SEEN].write([ReplaceOne({"_id": "seen"}, {"count": count + 1})], session=session)
            after = {"$set": {"sequence": mark + len(batch)}}
            if not await database[MARKS].update_one({"_id": line.mark, "sequence": mark}, after, session=session):
                raise Overtaken
        return mark + len(batch)

    async def handing_over(self, commands: list[Command]) -> None:
        """A worker without a transaction of its own."""
        for command in commands:
            self.handed[command.id] = command
        done = [False]

        async def give(process: Process) -> None:
            await hand_over(process.database, commands)
            done[0] = True

        await self._somewhere(give, lambda: done[0])

    async def ghosts(self, commands: list[Command]) -> None:
        """Handoffs of callers who have long gone."""
        self.gone |= {command.id for command in commands}
        past = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
        done = [False]

        async def give(process: Process) -> None:
            writes = [handoff_write(command, deadline=past) for command in commands]
            await process.database[HANDOFFS].write(writes, ordered=False)
            done[0] = True

        await self._somewhere(give, lambda: done[0])

    async def _somewhere(self, work: Callable[[Process], Awaitable[None]], done: Callable[[], bool]) -> None:
        """Again and again, in one process after another, until it is done; a slow or frozen one is not waited for."""

        rng = self.world.rng

        async def attempt(process: Process) -> None:
            tries = 0
            while not done() and tries < 4:
                try:
                    await work(process)
                except (errors.PyMongoError, Overtaken):
                    tries += 1
                    await asyncio.sleep(rng.uniform(0.02, 0.1) * tries)

        await asyncio.sleep(rng.uniform(0, 0.3))
        while not done():
            serving = self.world.serving()
            if not serving:
                await asyncio.sleep(0.1)
                continue
            process = rng.choice(serving)
            task = process.spawn(attempt(process))
            task.add_done_callback(quietly)
            await asyncio.wait({task}, timeout=rng.uniform(0.2, 1.0))
            if rng.random() < 0.7:  # the others go on, unseen
                task.cancel()
