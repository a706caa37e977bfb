"""Small disks that fill up: a memory file system of a given size under a folder, which can grow."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convene.parts.trouble import Unavailable

FILLER = "filler"
CHUNK = 1 << 20


class SmallDisk:
    """Mounted on `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> int:
        """Take all room that is left, down to the last byte; how many bytes."""
        taken = 0
        with (self.path / FILLER).open("ab", buffering=0) as file:
            for size in (CHUNK, 1):
                while True:
                    try:
                        written = file.write(b"\0" * size)
                    except OSError:
                        break
                    taken += written
                    if written < size:
                        break
        return taken

    def grow(self, megabytes: int) -> None:
        """Mount it again with so much in all; what is on it stays, the filler too."""
        _run("mount", "-o", f"remount,size={megabytes}m", str(self.path))


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    """A disk of this size on the folder until the block ends; then what was on it is gone. Raises Unavailable."""
    if os.geteuid() != 0:
        raise Unavailable("A disk that fills up is a small tmpfs, which only root may mount; run this as root.")
    path.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "convene-small-disk", str(path))
    try:
        yield SmallDisk(path)
    finally:
        _run("umount", "--lazy", str(path))  # a log that is still open must not keep it


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{command[0]} refused ({done.stderr.strip()[:200]}); run this as root of the machine.")
