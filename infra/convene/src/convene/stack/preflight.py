"""What is looked at before anything starts."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from convene.parts.java import java
from convene.parts.mongod import binary
from convene.parts.ports import is_taken
from convene.parts.trouble import Unavailable
from convene.stack.plan import Plan


def preflight(plan: Plan) -> None:
    """Raises Unavailable for the first thing that would keep the platform from starting."""
    if plan.starts_kafka or plan.traces:
        java()
    if plan.own_databases:
        binary()
    for name, port in plan.needed_ports().items():
        if is_taken(port):
            raise Unavailable(f"Port {port} is taken{_by_whom(port)}; end that program, or set {name} to another port.")


@contextmanager
def only_one(local: Path) -> Iterator[None]:
    """Hold the folder for one platform. Raises Unavailable when another one holds it."""
    local.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (local / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(f"A platform is already running on {local}; stop it with `make down`.") from None
        yield


def _by_whom(port: int) -> str:
    try:
        listening = psutil.net_connections("tcp")
        pid = next(c.pid for c in listening if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr[1] == port)
        return f" by {psutil.Process(pid).name()} (process {pid})" if pid else ""
    except (psutil.Error, StopIteration):
        return ""
