"""How each kind of fault is done. Each returns when its cause is gone, with the ids of the processes it ended."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from random import Random

from convene.chaos.fault import Fault, Kind
from convene.chaos.stage import Stage
from convene.operating.access import access
from convene.parts.ports import LOOPBACK, free_port
from convene.parts.running import Running
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until
from convene.stack.probe import is_ok

CRASHED_WITHIN = 60.0
STARTED_WITHIN = 90.0

Ended = frozenset[int]
Injector = Callable[[Stage, Fault, str], Awaitable[Ended]]


async def kill(stage: Stage, fault: Fault, victim: str) -> Ended:
    """SIGKILL; the supervisor starts it again, at once or after the hold."""
    pid = stage.pids[victim]
    if not fault.hold:
        os.killpg(pid, signal.SIGKILL)
        return frozenset({pid})
    async with stage.nothing_starts_again():
        os.killpg(pid, signal.SIGKILL)
        await asyncio.sleep(fault.hold)
    return frozenset({pid})


async def stop(stage: Stage, fault: Fault, victim: str) -> Ended:
    """SIGTERM, as a deployment does it."""
    pid = stage.pids[victim]
    os.kill(pid, signal.SIGTERM)
    return frozenset({pid})


async def freeze(stage: Stage, fault: Fault, victim: str) -> Ended:
    """SIGSTOP, and SIGCONT after the hold: it goes on in the middle of what it did, and does not know."""
    pid = stage.pids[victim]
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(fault.hold)
    finally:
        os.kill(pid, signal.SIGCONT)
    return frozenset()


async def crash(stage: Stage, fault: Fault, victim: str) -> Ended:
    """It dies by itself at a place in its code. Raises Unavailable when it never comes past."""
    pid = stage.pids[victim]
    armed = stage.crashes / victim.partition("-")[0]
    scratch = armed.with_suffix(".new")
    scratch.write_text(fault.detail)
    scratch.replace(armed)

    async def gone() -> bool:
        return not armed.exists()

    try:
        if not await until(gone, CRASHED_WITHIN):
            raise Unavailable(f"{victim} did not come past {fault.detail} within {CRASHED_WITHIN:.0f} s.")
    finally:
        armed.unlink(missing_ok=True)
    return frozenset({pid})


async def storm(stage: Stage, fault: Fault, victim: str) -> Ended:
    """Another member of the service's consumer group joins and leaves, by turns politely and not, for the hold."""
    random = Random(fault.detail)
    given = dict(access(stage.platform.local, victim).variables)
    given.pop("HTTP_PORT", None)
    loop = asyncio.get_running_loop()
    ends = loop.time() + fault.hold
    politely = True
    while loop.time() < ends:
        member = _member(stage, victim, given)
        await member.start(STARTED_WITHIN)
        await asyncio.sleep(random.uniform(2, 5))
        if politely:
            await member.stop()
        else:
            member.kill()
            await member.wait_end(STARTED_WITHIN)
        politely = not politely
        await asyncio.sleep(random.uniform(0, 2))
    return frozenset()


def _member(stage: Stage, service: str, given: Mapping[str, str]) -> Running:
    port = free_port()
    return Running(
        f"{service}-passing",
        [sys.executable, "-m", f"{service}_service", "consumer"],
        address=f"http://{LOOPBACK}:{port}",
        ready=lambda: is_ok(LOOPBACK, port, "/health/ready"),
        log=stage.platform.local / "logs" / f"{service}-passing.log",
        env={**given, "HEALTH_PORT": str(port)},
    )


async def power(stage: Stage, fault: Fault, victim: str) -> Ended:
    """Everything and its supervisor end at once; the platform is started as after a power cut."""
    ended = frozenset(stage.pids.values())
    await stage.platform.power_off()
    await asyncio.sleep(fault.hold)
    await stage.platform.power_on()
    return ended


async def scramble(stage: Stage, fault: Fault, victim: str) -> Ended:
    """All processes end at once, and begin again in any order: each is stopped as it comes and let go in its turn."""
    random = Random(fault.detail)
    before = stage.pids
    async with stage.nothing_starts_again():
        for pid in before.values():
            os.killpg(pid, signal.SIGKILL)
    frozen: dict[str, int] = {}

    async def all_frozen() -> bool:
        for name, pid in stage.pids.items():
            if name not in frozen and pid != before[name]:
                os.kill(pid, signal.SIGSTOP)
                frozen[name] = pid
        return len(frozen) == len(before)

    try:
        await until(all_frozen, STARTED_WITHIN)
    finally:
        for name in random.sample(sorted(frozen), len(frozen)):
            os.kill(frozen[name], signal.SIGCONT)
            await asyncio.sleep(random.uniform(0, 1))
    return frozenset(before.values())


INJECTORS: Mapping[Kind, Injector] = {
    "kill": kill,
    "stop": stop,
    "freeze": freeze,
    "crash": crash,
    "storm": storm,
    "power": power,
    "scramble": scramble,
}
