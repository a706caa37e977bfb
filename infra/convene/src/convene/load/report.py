"""A run in figures: rates per second, times in milliseconds, and what went wrong by kind."""

from typing import Any

from convene.load.audit import Audit
from convene.load.costs import driver_cores, microseconds_each
from convene.load.ledger import Ledger, Line
from convene.load.peak import Peak
from convene.load.setting import Setting

LATE = 0.01
"""Seconds beyond which a request counts as held up in the driver."""

Report = dict[str, Any]
Costs = dict[str, float]


def sending(setting: Setting, ledger: Ledger, before: Costs, after: Costs) -> Report:
    """What callers saw, and what it cost."""
    accepted = ledger.accepted
    report: Report = {
        "requests": len(ledger.lines),
        **ledger.count(),
        "acts": ledger.acts(),
        "answers": ledger.answers(),
        "accepted_per_second": round(accepted / max(1e-9, ledger.seconds), 1),
        "p50_ms": round(ledger.percentile(0.5) * 1000, 1),
        "p99_ms": round(ledger.percentile(0.99) * 1000, 1),
        "cpu_us_while_sending": microseconds_each(before, after, ledger),
        "driver_cores": driver_cores(ledger),
    }
    if setting.rate is not None:
        report["arrivals"] = arrivals(setting, ledger.lines)
    return report


def peaking(said: Peak, ledger: Ledger, before: Costs, after: Costs) -> Report:
    """What wrk says, and what it cost."""
    return {
        "requests": said.issued,
        "accepted": said.accepted,
        "refused": said.refused,
        "cut_off": said.cut,
        "repeated_for_want_of_more": said.repeated,
        "accepted_per_second": round(said.accepted / max(1e-9, said.seconds), 1),
        "p50_ms": round(said.p50_ms, 1),
        "p99_ms": round(said.p99_ms, 1),
        "cpu_us_while_sending": microseconds_each(before, after, ledger),
        "driver_cores": driver_cores(ledger),
    }


def arrivals(setting: Setting, lines: list[Line]) -> Report:
    """Of an open loop: the rate asked for, the bound, and how many requests had to wait for it. Their times hold it."""
    late = [line.late for line in lines]
    return {
        "asked_per_second": setting.rate,
        "most_at_once": setting.at_once,
        "waited_beyond_it": sum(seconds > LATE for seconds in late),
        "longest_wait_ms": round(max(late, default=0.0) * 1000, 1),
    }


def finding(found: Audit) -> Report:
    """What the audit found."""
    return {
        "rsvps": found.booked,
        "turns": found.turns,
        "unanswered_became": found.resolved,
        "sampled": found.sampled,
        "repeated_mails": found.repeated_mails,
        "wrong": found.wrong,
        "examples": found.examples,
    }
