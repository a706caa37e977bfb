"""A ledger as a file: JSON lines, written while the run goes on, so that it can be audited again later.

The first line says what was run, on what; then one line per request, in the order in which they were done.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from convene.load.ledger import Ledger, Line, Try
from convene.load.setting import Field, Setting
from convene.parts.trouble import Unavailable

VERSION = 1
TOTALS = ("seconds", "driver", "told", "cut")


class Keeper:
    """Appends lines to the file that `keeping` opened."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def begin(self, setting: Setting, field: Field) -> None:
        head = {"ledger": VERSION, "setting": asdict(setting), "field": asdict(field)}
        self._file.write(to_json(head) + b"\n")

    def keep(self, line: Line) -> None:
        self._file.write(to_json(_fields(line)) + b"\n")

    def end(self, ledger: Ledger, *, late: bool = False) -> None:
        """late: its lines were not kept while they were done."""
        for line in ledger.lines if late else ():
            self.keep(line)
        end = {name: getattr(ledger, name) for name in TOTALS}
        self._file.write(to_json(end) + b"\n")

    def close(self) -> None:
        self._file.close()


def _fields(line: Line) -> dict[str, object]:
    """Without the deep copies of `dataclasses.asdict`: there are many."""
    return {name: getattr(line, name) for name in Line.__slots__}


@contextmanager
def keeping(path: Path) -> Iterator[Keeper]:
    """Raises Unavailable when the file cannot be written."""
    try:
        keeper = Keeper(path)
    except OSError as error:
        raise Unavailable(f"The ledger cannot be written to {path}: {error.strerror}.") from None
    try:
        yield keeper
    finally:
        keeper.close()


def read_ledger(path: Path) -> tuple[Setting, Field, Ledger]:
    """What a run wrote; of one that was cut short, what there is. Raises Unavailable."""
    try:
        with path.open("rb") as file:
            head = json.loads(next(file, b"null"))
            if not isinstance(head, dict) or head.get("ledger") != VERSION:
                raise Unavailable(f"{path} is no ledger of `convene load --ledger`.")
            ledger = Ledger()
            for text in file:
                if text.endswith(b"\n"):
                    _take_in(ledger, json.loads(text))
    except OSError as error:
        raise Unavailable(f"The ledger {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise Unavailable(f"{path} is no ledger of `convene load --ledger`.") from None
    return Setting(**head["setting"]), Field(**head["field"]), ledger


def _take_in(ledger: Ledger, found: dict[str, Any]) -> None:
    if "key" not in found:
        for name in TOTALS:
            setattr(ledger, name, found[name])
        return
    line = Line(**found)
    line.tries = [Try(*one) for one in line.tries]
    line.heard = None if line.heard is None else (line.heard[0], line.heard[1])
    ledger.lines.append(line)
