"""``convene up``: run the platform in the foreground."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.progress import Progress

from convene.commands.options import AsJson, Local
from convene.parts import zipkin
from convene.parts.jars import Report, kafka_jars, zipkin_jar
from convene.parts.ports import LOOPBACK
from convene.stack.follow import Follower
from convene.stack.given import reachable
from convene.stack.plan import Plan, plan
from convene.stack.preflight import only_one, preflight
from convene.stack.servers import Servers
from convene.stack.state import LOCAL, Entry, State, forget_state, url, write_state
from convene.stack.supervisor import Say, Supervisor

QUIET = ("mongod", "outside")
"""Their logs stay in the files: one is long, the other empty."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def up(
        traces: Annotated[bool, typer.Option("--traces", help="Run Zipkin beside, and send it every trace.")] = False,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Start Kafka, MongoDB, the mail catcher, the issuer and all services; Ctrl-C stops them.

        With --json prints one object with the addresses when all are ready, and nothing else; logs are in the files.
        """
        started = monotonic()
        made = plan(os.environ, traces=traces)
        with only_one(local):
            preflight(made)
            asyncio.run(reachable(made))
            if made.starts_kafka:
                _fetch("Kafka", kafka_jars)
            if made.traces:
                _fetch("Zipkin", zipkin_jar)
            asyncio.run(_run(made, local, started, as_json=as_json))


def addresses(made: Plan) -> dict[str, str]:
    """What a person opens or a program connects to."""
    ports = made.ports
    names = {"groups": "GROUPS_PORT", "events": "EVENTS_PORT", "notifications": "NOTIFICATIONS_PORT"}
    return {
        **{name: url(ports[port]) for name, port in names.items()},
        "stream": url(ports["STREAM_PORT"]),
        "mail": url(ports["MAIL_PORT"]),
        "issuer": url(ports["ISSUER_PORT"]),
        "kafka": made.kafka_bootstrap or f"{LOOPBACK}:{ports['KAFKA_PORT']}",
        **({"traces": zipkin.page(ports["ZIPKIN_PORT"])} if made.traces else {}),
    }


async def _run(made: Plan, local: Path, started: float, *, as_json: bool) -> None:
    def say(line: str) -> None:
        print(f"convene | {line}", file=sys.stderr if as_json else sys.stdout, flush=True)

    def changed(entries: list[Entry]) -> None:
        write_state(local, State(os.getpid(), tuple(entries)))

    changed([])
    supervisor = Supervisor(Servers(made, local, os.environ), say=say, changed=changed)
    interrupted = _cancel_on_signals(say)
    try:
        async with supervisor.up():
            names = [entry.name for entry in supervisor.entries() if entry.name not in QUIET]
            follower = Follower(local / "logs", [] if as_json else names)
            _greet(made, monotonic() - started, as_json=as_json)
            await follower.run()
    except asyncio.CancelledError:
        if not interrupted.is_set():
            raise
        say("stopped")
    finally:
        forget_state(local)


def _cancel_on_signals(say: Say) -> asyncio.Event:
    """The first signal ends the task that called this; further ones change nothing."""
    loop, task, interrupted = asyncio.get_running_loop(), asyncio.current_task(), asyncio.Event()

    def interrupt() -> None:
        if not interrupted.is_set() and task is not None:
            interrupted.set()
            say("stopping")
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    return interrupted


def _greet(made: Plan, seconds: float, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"ready_after_s": round(seconds, 2), "addresses": addresses(made)}), flush=True)
        return
    print(f"\nConvene is ready after {seconds:.1f} s.\n")
    for name, address in addresses(made).items():
        documentation = f"   {address}/docs" if name in {"groups", "events", "notifications"} else ""
        print(f"  {name:<14} {address}{documentation}")
    print("\n  convene token --as ada gives you a token; Ctrl-C stops everything.\n", flush=True)


def _fetch(what: str, jars: Callable[[Report], Path]) -> None:
    with Progress(transient=True) as progress:
        task = progress.add_task(what, total=None)
        jars(lambda done, total: progress.update(task, completed=done, total=total))
