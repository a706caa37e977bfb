"""Folders for the servers' data: in memory where it is large enough, and gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")  # noqa: S108 - a memory file system, and the folders made there are private
ENOUGH = 2_000_000_000
"""Free bytes: mongod's journal takes 300 MB, Kafka's segments what the tests write."""

PREFIX = "convene-test-"


def scratch_root() -> Path:
    """A memory file system if there is one with room, else the usual temporary folder."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
        return MEMORY
    return Path(tempfile.gettempdir())


@contextmanager
def scratch_dir() -> Iterator[Path]:
    """A private folder that is removed at the end. Those of killed test runs are removed at the start."""
    root = scratch_root()
    for old in root.glob(f"{PREFIX}*"):
        owner = old.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(old, ignore_errors=True)
    path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=root))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
