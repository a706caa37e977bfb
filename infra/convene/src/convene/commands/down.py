"""``convene down``: stop a running platform."""

import json
import time

import psutil
import typer

from convene.commands.options import AsJson, Local
from convene.parts.trouble import Unavailable
from convene.parts.waiting import POLL
from convene.stack.state import LOCAL, read_state

WITHIN_S = 90


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def down(local: Local = LOCAL, as_json: AsJson = False) -> None:
        """Stop the platform that runs on this folder and wait until it is gone; harmless when none runs."""
        state = read_state(local)
        if state is not None:
            stop(state.pid)
        print(json.dumps({"stopped": state is not None}) if as_json else "stopped" if state else "nothing is running")


def stop(pid: int, within_s: float = WITHIN_S) -> None:
    """SIGTERM to a supervisor; returns when it has stopped everything. Raises Unavailable when it takes too long."""
    try:
        supervisor = psutil.Process(pid)
        supervisor.terminate()
        deadline = time.monotonic() + within_s
        while supervisor.status() != psutil.STATUS_ZOMBIE:  # ended, though its parent may be slow to notice
            if time.monotonic() > deadline:
                raise Unavailable(f"The platform (process {pid}) still runs after {within_s:.0f} s; look at its logs.")
            time.sleep(POLL)
    except psutil.NoSuchProcess:
        return
