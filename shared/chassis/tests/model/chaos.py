"""Breaks processes and servers for a while, then mends everything."""

import asyncio

from chassis.journal.generation import Contended, change_lanes
from chassis.mongo import errors
from model.world import LEASE, NEWEST, Process, World


async def chaos(world: World, until: float) -> None:
    rng, kinds = world.rng, sorted(world.faults.kinds & ACTS.keys())
    while world.loop.now < until:
        await asyncio.sleep(rng.uniform(0.02, 0.6))
        if kinds:
            await ACTS[rng.choice(kinds)](world)
    await heal(world)


async def heal(world: World) -> None:
    """No faults from here on; enough processes of the newest release live."""
    world.note("chaos", "heals")
    world.faults.on = False
    world.faults.cut.clear()
    world.mongod.up = world.broker.up = True
    for process in world.processes:
        process.thaw()
    for process in world.processes:
        if process.runner.alive and process.release < NEWEST:
            if process.ready:
                process.spawn(process.stop())
            else:
                process.kill()
    world.start(NEWEST)
    if world.rng.random() < 0.5:
        world.start(NEWEST)


def _one(world: World) -> Process | None:
    living = [process for process in world.processes if process.runner.alive and not process.runner.frozen]
    return world.rng.choice(living) if living else None


async def _kill(world: World) -> None:
    if (process := _one(world)) is not None:
        process.kill()
        if world.rng.random() < 0.8:
            world.later(world.rng.uniform(0, LEASE), world.start, world.rng.choice((1, 2)))


async def _stop(world: World) -> None:
    """A rolling upgrade's step."""
    if (process := _one(world)) is not None and process.serves:
        process.spawn(process.stop())
        world.start(world.rng.choice((1, 2)))


async def _freeze(world: World) -> None:
    if (process := _one(world)) is not None:
        process.freeze()
        world.later(world.rng.choice((0.1, 1, 3)) * world.rng.random() * LEASE, process.thaw)


async def _cut(world: World) -> None:
    """No network between one process and the database."""
    if (process := _one(world)) is not None:
        label = process.label
        world.note(label, "cut off")
        world.faults.cut.add(label)
        world.later(world.rng.uniform(0.05, 2.5) * LEASE, world.faults.cut.discard, label)


async def _database(world: World) -> None:
    if world.mongod.up:
        world.note("mongod", "dies")
        world.mongod.stop()
        world.later(world.rng.uniform(0.05, 1.0), setattr, world.mongod, "up", True)


async def _broker(world: World) -> None:
    if world.broker.up:
        world.note("kafka", "dies")
        world.broker.stop()
        world.later(world.rng.uniform(0.05, 1.0), setattr, world.broker, "up", True)


async def _clock(world: World) -> None:
    """Somebody's wall clock steps; the database's a little."""
    for process in world.processes:
        process.wall += world.rng.choice((0, 0, -3600, 3600, 1))
    world.mongod.skew += world.rng.choice((0, 0.5, -0.5, 2.0, -1.0))


async def _lanes(world: World) -> None:
    """An operator changes the number of lanes, and may have to do it again."""
    lanes = world.rng.choice((1, 2, 3))
    try:
        found = await change_lanes(world.client("operator"), lanes)
    except (Contended, errors.PyMongoError) as error:
        world.note("operator", f"does not get {lanes} lanes: {type(error).__name__}")
    else:
        world.note("operator", f"has {found.lanes} lanes, generation {found.number}")


ACTS = {
    "kill": _kill,
    "stop": _stop,
    "freeze": _freeze,
    "cut": _cut,
    "database": _database,
    "broker": _broker,
    "clock": _clock,
    "lanes": _lanes,
}
