"""The processes' logs: one file each, shown together with the process' name before each line."""

import asyncio
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

EVERY_S = 0.1
LARGEST = 20_000_000
"""Bytes after which a log is moved to NAME.log.1 and begun again."""

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)


class Follower:
    """Shows what is added to the logs from now on, whole lines only."""

    def __init__(self, folder: Path, names: Sequence[str], out: TextIO = sys.stdout) -> None:
        """``names`` are the files' without ``.log``; missing ones are shown from when they appear."""
        self._out = out
        self._files = {name: folder / f"{name}.log" for name in names}
        self._at = {name: _size(path) for name, path in self._files.items()}
        width = max(map(len, names), default=0)
        self._before = {name: _prefix(name, width, number, out.isatty()) for number, name in enumerate(names)}

    async def run(self) -> None:
        """Show until cancelled."""
        while True:
            self.show()
            await asyncio.sleep(EVERY_S)

    def show(self) -> None:
        """Show what has been added since the last look."""
        for name, path in self._files.items():
            size = _size(path)
            if size < self._at[name]:
                self._at[name] = 0
            if size > self._at[name]:
                self._show_added(name, path)
            if size > LARGEST:
                begin_again(path)
                self._at[name] = 0
        self._out.flush()

    def _show_added(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            file.seek(self._at[name])
            added = file.read(1_000_000)
        whole = added.rfind(b"\n") + 1 or (len(added) if len(added) == 1_000_000 else 0)
        self._at[name] += whole
        for line in added[:whole].decode(errors="replace").splitlines():
            self._out.write(f"{self._before[name]}{line}\n")


def begin_again(path: Path) -> None:
    """Keep the log as NAME.log.1 and empty it; its writers append, so they go on at the new start."""
    shutil.copyfile(path, path.with_suffix(".log.1"))
    with path.open("r+b") as file:
        file.truncate(0)


def _prefix(name: str, width: int, number: int, coloured: bool) -> str:
    text = f"{name:<{width}} | "
    return f"\x1b[{COLOURS[number % len(COLOURS)]}m{text}\x1b[0m" if coloured else text


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
