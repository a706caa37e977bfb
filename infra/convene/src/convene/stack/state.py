"""What a running platform leaves behind for ``convene status``, ``down`` and ``logs``."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from convene.parts.ports import LOOPBACK

LOCAL = Path(".local")


@dataclass(frozen=True, slots=True)
class Entry:
    """One process. ``health_port`` is None for servers that are asked in their own protocol."""

    name: str
    pid: int
    address: str
    health_port: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The supervisor and what it runs."""

    pid: int
    entries: tuple[Entry, ...]

    def replicas(self, kind: str) -> list[Entry]:
        """The processes of a kind, the first one first."""
        found = (one for one in self.entries if one.name == kind or one.name.removeprefix(f"{kind}-").isdigit())
        return sorted(found, key=lambda one: one.name)


def write_state(local: Path, state: State) -> None:
    """Replace the file as a whole."""
    local.mkdir(parents=True, exist_ok=True)
    path = local / "running.json"
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(asdict(state), indent=1))
    scratch.replace(path)


def read_state(local: Path) -> State | None:
    """The running platform's, None when there is none (a file left by a killed one does not count)."""
    try:
        raw = json.loads((local / "running.json").read_text())
        state = State(raw["pid"], tuple(Entry(**entry) for entry in raw["entries"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if _is_supervisor(state.pid) else None


def forget_state(local: Path) -> None:
    """The platform is down."""
    (local / "running.json").unlink(missing_ok=True)


def _is_supervisor(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return b"convene" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True  # a system without /proc


def url(port: int) -> str:
    """A local HTTP server's."""
    return f"http://{LOOPBACK}:{port}"
