"""One seed: a world, its workload, its faults, its rest, its checks."""

import asyncio
import gc
from collections.abc import Callable, Sequence

from chassis.journal import HANDOFFS, Command, Unknown
from chassis.journal.shape import LANES
from chassis.mongo import InsertOne
from model.chaos import chaos
from model.checks import Wrong, everything, in_force
from model.clockwork import replaced
from model.ledger import SEEN, act
from model.topics import in_topics, unpublished
from model.workload import ACCOUNT_NAMES, MARKS, Line, Workload
from model.world import LEASE, World

REST_SECONDS = 10.0
IDLE_SECONDS = 0.5
PROBES = 8
PROBE_SECONDS = 0.9
TAKEOVER_SECONDS = 2.5
IDLE_CALLS = 60
Arrange = Callable[[World], None]
Patient = Sequence["asyncio.Future[None]"]


def as_drawn(world: World) -> None:
    """The seed alone decides."""


def run(seed: int, *, trace: list[str] | None = None, arrange: Arrange = as_drawn) -> World:
    """Raises Wrong."""
    world = World(seed, trace=trace)
    arrange(world)
    enabled = gc.isenabled()
    gc.disable()
    try:
        with replaced(
            monotonic=world.monotonic,
            time_ns=world.time_ns,
            token_bytes=world.token_bytes,
            AIOKafkaProducer=world.producer,
            AIOKafkaConsumer=world.consumer,
        ):
            world.loop.run(_live(world))
    finally:
        if enabled:
            gc.enable()
    return world


def failure(seed: int, *, trace: list[str] | None = None, arrange: Arrange = as_drawn) -> str | None:
    """What is wrong with a seed; None when it holds."""
    try:
        run(seed, trace=trace, arrange=arrange)
    except Exception as error:  # noqa: BLE001 - whatever a bug raises is a finding
        return f"{type(error).__name__}: {error}"
    return None


async def _live(world: World) -> None:
    rng = world.rng
    await world.prepare()
    workload = Workload(world)
    for release in rng.choices((1, 2), k=rng.randint(1, 3)):
        world.start(release)
    lines = [workload.line(number, rng.randint(2, 6)) for number in range(rng.randint(0, 3))]
    _marks(world, lines)
    patient = [
        asyncio.ensure_future(workload.caller([workload.command() for _ in range(rng.randint(1, 5))], patient=True))
        for _ in range(rng.randint(1, 6))
    ]
    patient += [asyncio.ensure_future(workload.consumed(line)) for line in lines]
    handed = [workload.command(handed=True) for _ in range(rng.randint(0, 3))]
    patient.append(asyncio.ensure_future(workload.handing_over(handed)))
    patient.append(asyncio.ensure_future(workload.ghosts([workload.command() for _ in range(rng.randint(0, 2))])))
    callers = [command for command in workload.commands.values() if command not in handed]
    twins = rng.choices(callers or [workload.command()], k=2)
    for command in [*twins, workload.command(), workload.command()]:
        if command.source is None and command.name == "account.act":
            patient.append(asyncio.ensure_future(workload.caller([command], patient=False)))
    await chaos(world, rng.choice((0.5, 1.0, 2.0)) * rng.uniform(0.3, 1.0))
    await _rest(world, workload, patient)
    everything(world, workload)
    if world.publishes:
        in_topics(world)


async def _rest(world: World, workload: Workload, patient: Patient) -> None:
    """With faults stopped, everything that was asked is answered, and every lane goes on."""
    healed = world.loop.now
    await _resting_again(world, patient)
    for task in patient:
        task.result()
    rested, overlong = world.loop.now, _overlong(world)
    probes = [workload.caller([_probe(workload, n)], patient=True) for n in range(PROBES)]
    async with asyncio.timeout(REST_SECONDS):
        await asyncio.gather(*probes)
    for heard in workload.heard:
        if {"broken", "broken_reads"} & heard.command.body.keys():
            continue  # an older release, on its way out, removes a caller's handoff that it cannot decide
        if heard.asked > rested and isinstance(heard.said, Unknown) and heard.at - heard.asked < heard.deadline:
            raise Wrong(f"given up before its deadline, without a fault: {heard.command.id}")
        patience = PROBE_SECONDS + overlong if heard.asked > rested else TAKEOVER_SECONDS
        if heard.asked > healed and isinstance(heard.said, Unknown) and heard.at - heard.asked > patience:
            raise Wrong(f"a command got lost: {heard.command.id} heard nothing for {patience:.1f} s, without a fault")
    await _resting_again(world, patient)
    if world.rng.random() < 0.3:
        await _idle(world)
        await _resting_again(world, patient)  # a call lost long ago may have arrived meanwhile
    for process in world.processes:
        for task in [*process.journal.tasks, *process.relay.tasks, *process.relay._working]:
            if task.done() and not task.cancelled() and task.exception() is not None:
                raise Wrong(f"a task ended: {task.get_name()} of {process.label}: {task.exception()!r}")


def _overlong(world: World) -> float:
    """Seconds by which a dead writer's lease outlives its length: the database's clock was set back after it."""
    lanes = world.mongod.find(None, LANES, {"_id": {"$in": in_force(world).names}})
    left = [(lane["until"] - world.mongod.now()).total_seconds() for lane in lanes if lane["until"] is not None]
    return max(0.0, max(left, default=0.0) - LEASE)


async def _idle(world: World) -> None:
    """Nobody keeps the servers busy when nobody asks for anything."""
    before = world.calls
    await asyncio.sleep(IDLE_SECONDS)
    busy = (world.calls - before) / IDLE_SECONDS / max(world.lanes, in_force(world).lanes) / len(world.serving())
    if busy > IDLE_CALLS:
        raise Wrong(f"busy without a reason: {busy:.0f} calls a second, lane and process")


async def _resting_again(world: World, patient: Patient) -> None:
    healed = world.loop.now
    while not _resting(world, patient):
        if world.loop.now - healed > REST_SECONDS:
            raise Wrong(f"no rest after the last fault: {_unrest(world, patient)}")
        await asyncio.sleep(0.1)


def _probe(workload: Workload, number: int) -> Command:
    command = act(f"probe {number}", ACCOUNT_NAMES[number % len(ACCOUNT_NAMES)], key="probe")
    workload.commands[command.id] = command
    return command


def _resting(world: World, patient: Patient) -> bool:
    if not all(task.done() for task in patient) or world.mongod.find(None, HANDOFFS, {}):
        return False
    return not world.publishes or unpublished(world) <= 0


def _unrest(world: World, patient: Patient) -> str:
    waiting = sum(not task.done() for task in patient)
    left = [document["_id"] for document in world.mongod.find(None, HANDOFFS, {})]
    behind = unpublished(world) if world.publishes else 0
    return f"{waiting} still ask, {behind} unpublished, handoffs {left}, lanes {world.mongod.find(None, 'lanes', {})}"


def _marks(world: World, lines: list[Line]) -> None:
    def write(transaction: object) -> None:
        for line in lines:
            world.mongod.write(transaction, MARKS, InsertOne({"_id": line.mark, "sequence": 0}))  # type: ignore[arg-type]
        world.mongod.write(transaction, SEEN, InsertOne({"_id": "seen", "count": 0}))  # type: ignore[arg-type]

    world.mongod.alone(write)
