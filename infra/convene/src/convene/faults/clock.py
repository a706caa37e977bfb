"""Wall clocks that are wrong, process by process, by the library that PyPI's libfaketime brings along.

Debian's is older: under it Python's `time.sleep` fails where the monotonic clock is left alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from convene.parts.trouble import Unavailable

LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"
LEFT_IN = Path("/dev/shm")  # noqa: S108 - the library chose it
HEARD_WITHIN_S = 1


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of some processes; `environ` is for whoever starts them with `convene up`.

    Only the wall clock lies: timeouts go by the monotonic one, as they do when an administrator sets the time.
    """

    files: Mapping[str, Path]

    @property
    def ahead(self) -> dict[str, int]:
        """Seconds that each is ahead of the true time now, or below 0 behind."""
        return {process: int(file.read_text()) for process, file in self.files.items()}

    @property
    def environ(self) -> dict[str, str]:
        """PROCESS__NAME=value for each process."""
        library = _library()
        found: dict[str, str] = {}
        for process, file in self.files.items():
            before = f"{process.upper().replace('-', '_')}__"
            found |= {
                f"{before}LD_PRELOAD": library,
                f"{before}FAKETIME_TIMESTAMP_FILE": str(file),
                f"{before}FAKETIME_CACHE_DURATION": str(HEARD_WITHIN_S),
                f"{before}FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        return found

    def set(self, process: str, seconds: int) -> None:
        """So far ahead of the true time, behind when below 0; heard within HEARD_WITHIN_S."""
        file = self.files[process]
        scratch = file.with_suffix(".new")
        scratch.write_text(f"{seconds:+d}\n")
        scratch.replace(file)


@contextmanager
def clocks(folder: Path, processes: Iterable[str]) -> Iterator[Clocks]:
    """Right to begin with; for processes that end inside the block. Raises Unavailable without libfaketime."""
    _library()
    folder.mkdir(parents=True, exist_ok=True)
    found = Clocks({process: folder / process for process in processes})
    for process in found.files:
        found.set(process, 0)
    try:
        yield found
    finally:
        for left in LEFT_IN.glob("*faketime_s*_*"):  # a process that is killed leaves its shared memory behind
            pid = left.name.rpartition("_")[2]
            if pid.isdigit() and not psutil.pid_exists(int(pid)):
                left.unlink(missing_ok=True)


def _library() -> str:
    found = find_spec("libfaketime")
    path = Path(found.origin).parent / LIBRARY if found is not None and found.origin is not None else None
    if path is None or not path.exists():
        raise Unavailable("Clocks are set wrong by libfaketime, on Linux only; install PyPI's libfaketime.")
    return str(path)
