"""What a process says about itself: it lives, it is ready, how far behind it is."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from chassis import clock
from chassis.mongo import Database, errors

Check = Callable[[], Awaitable[bool]]
Progress = Callable[[], Mapping[str, Any] | Awaitable[Mapping[str, Any]]]

CHECK_WITHIN = 2.0
"""Seconds until a check that does not answer counts as failed."""
REMEMBER = 0.5
"""Seconds that an answer serves all probes."""

_log = structlog.get_logger(__name__)


class _Life:
    """Of a process: whether it has started, and whether it stops."""

    def __init__(self) -> None:
        self.started = False
        self.stopping = asyncio.Event()


class Health:
    """One per process. `chassis.serve` says when it has started and when it stops; parts add what they know."""

    def __init__(self) -> None:
        self._life = _Life()
        self._checks: dict[str, Check] = {}
        self._progress: dict[str, Progress] = {}
        self._answer: tuple[float, dict[str, str]] | None = None
        self._asking = asyncio.Lock()

    def beside(self) -> "Health":
        """For another server of the same process: of the same life and progress, but ready by its own checks alone."""
        other = Health()
        other._life, other._progress = self._life, self._progress
        return other

    def ready_when(self, name: str, check: Check) -> None:
        """Ready only while `check` answers True; an error counts as False."""
        self._checks[name] = check

    def progress_of(self, name: str, progress: Progress) -> None:
        """Show what a part has not processed yet: JSON values; every `oldest_seconds` in it becomes a metric too."""
        self._progress[name] = progress

    @property
    def started(self) -> bool:
        return self._life.started

    @started.setter
    def started(self, started: bool) -> None:
        self._life.started = started

    @property
    def stopping(self) -> bool:
        return self._life.stopping.is_set()

    def stop(self) -> None:
        """From now on not ready; whoever waits in `until_stopping` goes on."""
        self._life.stopping.set()

    async def until_stopping(self) -> None:
        """For long answers (a stream), which should end themselves then."""
        await self._life.stopping.wait()

    async def ready(self) -> tuple[bool, dict[str, str]]:
        """Whether requests should come here, and `ok` or a reason for each thing looked at."""
        if self.stopping:
            return False, {"process": "stopping"}
        if not self.started:
            return False, {"process": "starting"}
        async with self._asking:
            if self._answer is None or clock.monotonic() - self._answer[0] > REMEMBER:
                answers = await asyncio.gather(*(_ask(name, check) for name, check in self._checks.items()))
                self._answer = clock.monotonic(), dict(zip(self._checks, answers, strict=True))
            seen = self._answer[1]
        return all(answer == "ok" for answer in seen.values()), {"process": "ok", **seen}

    async def progress(self) -> dict[str, Any]:
        """By part; a part that cannot say has `{"error": ...}`."""
        names = list(self._progress)
        answers = await asyncio.gather(*(_read(self._progress[name]) for name in names))
        return dict(zip(names, answers, strict=True))


async def _ask(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_WITHIN):
            return "ok" if await check() else "failing"
    except TimeoutError:
        return "no answer"
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a check is its answer
        _log.warning("readiness check failed", check=name, error=type(error).__name__)
        return "failing"


async def _read(progress: Progress) -> Mapping[str, Any]:
    try:
        async with asyncio.timeout(CHECK_WITHIN):
            answer = progress()
            return await answer if inspect.isawaitable(answer) else answer
    except Exception as error:  # noqa: BLE001 - one part's trouble must not hide the others' progress
        return {"error": type(error).__name__}


def writable(database: Database) -> Check:
    """Whether the database has a primary that takes writes."""

    async def check() -> bool:
        try:
            return bool((await database.command({"hello": 1}))["isWritablePrimary"])
        except errors.PyMongoError:
            return False

    return check
