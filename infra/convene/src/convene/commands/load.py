"""``convene load``: a crowd with a ledger."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Any, Literal

import typer
import uvloop
from rich.console import Console

from convene.acting.platform import client, reach
from convene.commands.bars import bars
from convene.commands.options import AsJson, Local
from convene.load import Setting, compare, prepare, send
from convene.load.costs import processor_seconds
from convene.load.kept import keeping, read_ledger
from convene.load.peak import check, peak
from convene.load.report import Report, finding, peaking, sending
from convene.load.setting import Promotion
from convene.operating.access import access
from convene.stack.state import LOCAL, read_state

Share = Annotated[float, typer.Option(min=0, max=1)]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def load(
        requests: Annotated[int, typer.Option(min=1, max=1_000_000, help="RSVP requests in all.")] = 2000,
        events: Annotated[int, typer.Option(min=1, max=10_000)] = 20,
        members: Annotated[int, typer.Option(min=1, max=200_000)] = 400,
        capacity: Annotated[int, typer.Option(min=0, help="Seats per event; 0: no limit.")] = 50,
        at_once: Annotated[int, typer.Option(min=1, max=1024, help="Requests under way at most.")] = 128,
        rate: Annotated[
            float, typer.Option(min=0, max=100_000, help="Arrivals per second; 0: each caller waits for its answer.")
        ] = 0,
        guests: Annotated[float, typer.Option(min=0, max=1, help="Share of people who bring some.")] = 0.1,
        cancel: Annotated[float, typer.Option(min=0, max=1, help="Share of requests that take an answer back.")] = 0.1,
        again: Annotated[float, typer.Option(min=0, max=1, help="Share that come after having said no.")] = 0.03,
        double: Annotated[float, typer.Option(min=0, max=1, help="Share sent twice at the same time.")] = 0.02,
        repeat: Annotated[float, typer.Option(min=0, max=1, help="Share sent again after the answer.")] = 0.02,
        other: Annotated[float, typer.Option(min=0, max=1, help="Share whose key comes with another body.")] = 0.01,
        change: Annotated[float, typer.Option(min=0, max=1, help="Share that come with other guests.")] = 0.05,
        promotion: Annotated[
            Promotion, typer.Option(help="How people move up from the line; mixed: each event another way.")
        ] = "instant",
        offer_ttl: Annotated[int, typer.Option(min=1, max=2_592_000, help="Seconds that an offer holds.")] = 3,
        confirm_within: Annotated[
            int, typer.Option(min=0, max=31_536_000, help="Seconds before the start in which seats are offered.")
        ] = 86_400,
        claim: Annotated[float, typer.Option(min=0, max=1, help="Share of offers that are claimed.")] = 0.5,
        decline: Annotated[float, typer.Option(min=0, max=1, help="Share of offers that are declined.")] = 0.2,
        lead: Annotated[
            float, typer.Option(min=0, max=1, help="Share of leaders' looks at an event after which they act by hand.")
        ] = 0,
        late: Annotated[
            float, typer.Option(min=0, max=1, help="Share of people who come last, and join by that.")
        ] = 0.05,
        seed: Annotated[int, typer.Option(help="The same seed sends the same requests.")] = 7,
        joined: Annotated[bool, typer.Option(help="People are members before they RSVP, but for the late.")] = False,
        mailed: Annotated[int, typer.Option(min=0, help="So many of them get mail.")] = 0,
        ledger: Annotated[Path | None, typer.Option(help="Keep all requests and answers in this file.")] = None,
        settle: Annotated[float, typer.Option(min=0, help="Seconds to wait for what is missing.")] = 60,
        audit: Annotated[Path | None, typer.Option(help="Send nothing; compare this ledger once more.")] = None,
        driver: Annotated[
            Literal["python", "wrk"], typer.Option(help="wrk: as fast as it is answered, first answers only.")
        ] = "python",
        seconds: Annotated[int, typer.Option(min=1, max=3600, help="With wrk, instead of --requests.")] = 10,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Send a crowd, keep what it heard, compare it with all that is shown; exits with 1 unless each count is 0."""
        setting = Setting(
            events,
            members,
            requests,
            capacity=capacity or None,
            at_once=at_once,
            seed=seed,
            cancel=cancel,
            joined=joined,
            mailed=mailed,
            rate=rate or None,
            guests=guests,
            again=again,
            double=double,
            repeat=repeat,
            other=other,
            change=change,
            promotion=promotion,
            offer_ttl=offer_ttl,
            confirm_within=confirm_within,
            claim=claim,
            decline=decline,
            lead=lead,
            late=late,
            settle=settle,
        )
        if audit is not None:
            report = _run(compare_again(local, audit, settle))
        else:
            report = _run(run(local, setting, ledger, quiet=as_json, seconds=seconds if driver == "wrk" else None))
        if as_json:
            print(json.dumps(report))
        else:
            _print(report)
        if any(report["wrong"].values()):
            raise typer.Exit(1)


def _run(work: Coroutine[Any, Any, Report]) -> Report:
    """On the loop that costs least: the driver shares its cores with what it measures."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _print(report: Report) -> None:
    console = Console(highlight=False)
    for name, value in report.items():
        if name != "examples":
            console.print(f"{name.replace('_', ' '):>24}  {value}")
    for kind, examples in report["examples"].items():
        for example in examples:
            console.print(f"{kind.replace('_', ' '):>24}  {example}", soft_wrap=True, markup=False)


async def run(
    local: Path, setting: Setting, ledger_file: Path | None, *, quiet: bool, seconds: int | None = None
) -> Report:
    """One run, as figures. seconds: of wrk; None: the crowd of `setting`, by its own driver."""
    if seconds is not None:
        check()
    async with client() as http:
        with ExitStack() as stack:
            keeper = None if ledger_file is None else stack.enter_context(keeping(ledger_file))
            platform = reach(local, http)
            field = await prepare(platform, setting, token_hex(3))
            if keeper is not None:
                keeper.begin(setting, field)
            total = setting.requests if seconds is None else seconds
            advance = stack.enter_context(bars({"load": total}, quiet=quiet))
            step = partial(advance, "load")
            before = processor_seconds(local)
            if seconds is None:
                keep = None if keeper is None else keeper.keep
                ledger = await send(platform, setting, field, step, keep=keep, apis=_apis(local))
                report = sending(setting, ledger, before, processor_seconds(local))
            else:
                said, ledger = await peak(platform, field, connections=setting.at_once, seconds=seconds, step=step)
                report = peaking(said, ledger, before, processor_seconds(local))
            if keeper is not None:
                keeper.end(ledger, late=seconds is not None)
        kafka = access(local, "events").kafka
        found = await compare(platform, kafka, ledger, field, settle=setting.settle)
    return {**report, **finding(found)}


def _apis(local: Path) -> list[str]:
    """URLs of all replicas of the events service."""
    state = read_state(local)
    return [] if state is None else [entry.address for entry in state.replicas("events")]


async def compare_again(local: Path, ledger_file: Path, settle: float) -> Report:
    """Compare a ledger that was kept."""
    _, field, ledger = read_ledger(ledger_file)
    async with client() as http:
        platform = reach(local, http)
        found = await compare(platform, access(local, "events").kafka, ledger, field, settle=settle)
    return {"requests": len(ledger.lines), **ledger.count(), "answers": ledger.answers(), **finding(found)}
