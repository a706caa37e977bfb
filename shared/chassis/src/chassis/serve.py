"""A process' life: start its parts in order, run until told or until one breaks, stop them in reverse.

Order of stopping: readiness off, HTTP intake closed and its requests answered, parts in reverse, traces sent.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import structlog
import uvloop

from chassis import clock, crash, kafka_connection, logs, telemetry
from chassis.health import Health
from chassis.settings import ServiceSettings

_log = structlog.get_logger(__name__)


class Part(Protocol):
    """Something that runs as long as the process: a journal, consumers, a relay, a server."""

    async def start(self) -> None:
        """Return when the part works; raise when it cannot."""

    async def stop(self) -> None:
        """Finish or hand over what is in hand. May be called on a part that did not start."""


@runtime_checkable
class HasTasks(Protocol):
    """A part whose tasks must keep running; one that ends, for whatever reason, ends the process."""

    @property
    def tasks(self) -> Collection[asyncio.Task[None]]: ...


@dataclass(frozen=True)
class Process:
    """What a composition root builds.

    servers: answer HTTP; first to start, so that liveness is answered while parts are still starting, and first to
        stop; until everything has started they answer 503 to all but health and metrics.
    parts: in the order of starting.
    """

    health: Health
    parts: Sequence[Part]
    servers: Sequence[Part] = field(default=())


SWITCH_SECONDS = 0.0005
"""How long a busy loop may keep the interpreter from the driver's threads, which have an answer to hand over: Python's
own 5 ms would be waited for at every step of a batch."""

COLLECT_AFTER = (20_000, 20, 20)
"""Objects made before the youngest are looked through for cycles, and how often the older ones are: a batch makes
thousands that live until its answer, and Python's own 700 looks through them again and again. What a process has made
by the time it is ready is never looked through."""

SEND_WITHIN = 5.0
"""Seconds for the last traces to be sent, when the process ends."""

Build = Callable[[], Awaitable[Process]]


class PartDied(Exception):
    """A task that its part cannot do without has ended."""


def run(settings: ServiceSettings, build: Build, *, role: str = "") -> int:
    """Run a process to its end; the exit code. Call it from `__main__`: `sys.exit(run(...))`.

    0 after SIGTERM or SIGINT and a complete stop; 1 when something could not start, broke, or did not stop in
    `settings.stop_within` seconds. A second signal ends the process at once.
    """
    logs.setup(settings.service, settings.log_level, role=role)
    crash.arm(settings.crash_at, settings.service)
    telemetry.setup(settings.service, settings, role=role)
    sys.setswitchinterval(SWITCH_SECONDS)
    kafka_connection.use()
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    code = runner.run(_live(build, settings.stop_within))
    sending = threading.Thread(target=telemetry.shutdown, daemon=True)
    sending.start()
    sending.join(SEND_WITHIN)
    logging.shutdown()
    if code != 0:
        # tasks and threads that hang would keep the process from ending
        sys.stdout.flush()
        os._exit(code)
    runner.close()
    return code


async def _live(build: Build, stop_within: float) -> int:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, _on_signal, told, sign)
    try:
        process = await build()
    except Exception:  # noqa: BLE001 - whatever it is, it is logged and the process ends
        _log.exception("the process could not be put together")
        return 1
    code = 0
    try:
        if await _start(process, told):
            gc.collect()
            gc.freeze()
            gc.set_threshold(*COLLECT_AFTER)
            process.health.started = True
            _log.info("ready")
            await _until_told_or_broken(process, told)
    except Exception:  # noqa: BLE001 - whatever it is, it is logged and the process ends
        _log.exception("the process cannot go on")
        code = 1
    return max(code, await _stop(process, stop_within))


async def _wait(told: asyncio.Event) -> None:
    await told.wait()


def _on_signal(told: asyncio.Event, sign: signal.Signals) -> None:
    if told.is_set():
        _log.warning("told twice, ending at once")
        os._exit(128 + sign)
    _log.info("told to stop", signal=sign.name)
    told.set()


async def _start(process: Process, told: asyncio.Event) -> bool:
    """False when told to stop before everything had started."""

    async def starting() -> None:
        for part in (*process.servers, *process.parts):
            await part.start()

    work = asyncio.create_task(starting())
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not work.done():
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return False
    work.result()
    return True


async def _until_told_or_broken(process: Process, told: asyncio.Event) -> None:
    waiting: asyncio.Task[None] = asyncio.create_task(_wait(told))
    watched = [part for part in (*process.servers, *process.parts) if isinstance(part, HasTasks)]
    while not told.is_set():
        needed = {task: part for part in watched for task in part.tasks}
        ended, _ = await asyncio.wait({waiting, *needed}, timeout=1, return_when=asyncio.FIRST_COMPLETED)
        for task in ended - {waiting}:
            error = None if task.cancelled() else task.exception()
            raise PartDied(f"{type(needed[task]).__name__}: task {task.get_name()} ended") from error


async def _stop(process: Process, within: float) -> int:
    """0 when every part stopped in time, else 1."""
    process.health.stop()
    deadline = clock.monotonic() + within
    code = 0
    for part in (*process.servers, *reversed(process.parts)):
        name = type(part).__name__
        try:
            # even past the deadline each part gets a moment to let go of what others wait for (a lease, a session)
            async with asyncio.timeout(max(0.5, deadline - clock.monotonic())):
                await part.stop()
        except TimeoutError:
            _log.error("did not stop in time", part=name)
            code = 1
        except Exception:  # noqa: BLE001 - the other parts must still be stopped
            _log.exception("did not stop cleanly", part=name)
            code = 1
    _log.info("stopped", clean=code == 0)
    return code
