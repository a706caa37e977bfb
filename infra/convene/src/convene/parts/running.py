"""One server process: start, ready, stop, kill, start again."""

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from convene.parts import leash
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until


class Running:
    """A program under a name, with the address its clients use and a check that says when it serves them.

    Its output goes to ``log`` (appended). It ends when the thread that called :meth:`spawn` does, so call that in a
    thread that lives as long as the program should: normally the one of the event loop.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        address: str,
        ready: Callable[[], Awaitable[bool]],
        log: Path,
        env: Mapping[str, str] | None = None,
        grace: float = 20.0,
    ) -> None:
        """``ready`` may raise OSError for "not yet"; ``grace`` is how many seconds a stop may take before SIGKILL."""
        self.name = name
        self.address = address
        self.log = log
        self._argv = list(argv)
        self._ready = ready
        self._env = dict(env) if env is not None else None
        self._grace = grace
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the last start. Raises Unavailable before the first."""
        if self._process is None:
            raise Unavailable(f"{self.name} has not been started.")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs, and before the first start; else its code, negative for a signal."""
        return None if self._process is None else self._process.poll()

    @property
    def alive(self) -> bool:
        """Whether the process exists (frozen counts)."""
        return self._process is not None and self._process.poll() is None

    def spawn(self) -> None:
        """Start the process and return at once."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        held = [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *self._argv]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                held,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the one who stops them in order
            )

    async def wait_ready(self, within: float = 60.0) -> None:
        """Return when clients are served; raise Unavailable if it ends before, or after ``within`` seconds."""
        if not await until(self._ready_or_gone, within):
            raise Unavailable(f"{self.name} was not ready after {within:.0f} s: {self.last_words()}")
        if not self.alive:
            raise Unavailable(f"{self.name} ended with code {self.exit_code} while starting: {self.last_words()}")

    async def _ready_or_gone(self) -> bool:
        return not self.alive or await self.is_ready()

    async def is_ready(self) -> bool:
        """Whether clients are served now."""
        try:
            return self.alive and await self._ready()
        except OSError:
            return False

    async def start(self, within: float = 60.0) -> None:
        """Spawn and wait until ready. Nothing is left running if that fails."""
        self.spawn()
        try:
            await self.wait_ready(within)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL to the whole session after the grace. Returns when it is gone; harmless when it is."""
        if self._process is None:
            return
        if self.alive:
            self.thaw()
            self._process.terminate()
            if not await until(self._gone, self._grace):
                self.kill()
        await until(self._gone, self._grace)

    async def wait_end(self, within: float) -> int | None:
        """The exit code, None if it still runs after ``within`` seconds."""
        await until(self._gone, within)
        return self.exit_code

    def kill(self) -> None:
        """SIGKILL, now."""
        if self.alive:
            os.killpg(self.pid, signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP: it holds its sockets and answers nothing."""
        if self.alive:
            os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on where it was frozen."""
        if self.alive:
            os.kill(self.pid, signal.SIGCONT)

    async def restart(self, within: float = 60.0) -> None:
        """Start again on the same data and address, after ending it if it still runs; returns when ready."""
        await self.stop()
        await self.start(within)

    async def _gone(self) -> bool:
        return not self.alive

    def last_words(self) -> str:
        """The last line of its log, for a message that says why it ended."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        last = next((line for line in reversed(lines) if line.strip()), "it wrote nothing")
        return f"{last.strip()[:300]} (more in {self.log})"
