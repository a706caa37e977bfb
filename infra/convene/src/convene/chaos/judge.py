"""Whether what was played is as it must be."""

from collections.abc import Iterable

from convene.chaos.scenario import Happened, Must, Played, Scenario

FLAT_MB = 64.0


def problems(scenario: Scenario, played: Played) -> list[str]:
    """A sentence for each thing that is wrong, however slow the machine is; none when all is well."""
    found = [f"{kind.replace('_', ' ')}: {count}" for kind, count in played.wrong.items() if count]
    if played.other_answers:
        found.append(f"{played.other_answers} repeats under the same key were answered differently")
    if not played.settled:
        found.append("the books do not settle")
    for happened in played.happened:
        if happened.told_s is None or happened.ready_s is None:
            found.append(f"{happened.fault}: no recovery")
    for must in scenario.must:
        found += must(played)
    return found


def delays(scenario: Scenario, played: Played) -> list[str]:
    """A sentence for each recovery that took longer than it may. A busy machine takes longer."""
    return [sentence for happened in played.happened for sentence in _slow(scenario, happened)]


def _slow(scenario: Scenario, happened: Happened) -> Iterable[str]:
    limits = (
        ("all were ready", happened.ready_s, scenario.recover_within),
        ("an RSVP was answered", happened.answered_s, scenario.recover_within),
        ("an RSVP was in the inbox", happened.told_s, scenario.told_within),
    )
    for what, seconds, within in limits:
        if seconds is not None and seconds > within:
            yield f"{happened.fault}: {what} after {seconds:.1f} s, not within {within:g} s"


def answers(least: int) -> Must:
    """While a fault lasts, at least so many requests are answered."""

    def must(played: Played) -> Iterable[str]:
        for happened in played.happened:
            if happened.during < least:
                yield f"{happened.fault}: only {happened.during} answers in {happened.lasted_s:.0f} s"

    return must


def stays_flat(played: Played) -> Iterable[str]:
    """What waits for the broker waits in the database, not in memory."""
    for happened in played.happened:
        if happened.grown_mb > FLAT_MB:
            yield f"{happened.fault}: a process grew by {happened.grown_mb:.0f} MB"


def was_cut(played: Played) -> Iterable[str]:
    """Otherwise the repeat under the same key was not tried."""
    if played.cut == 0:
        yield "no request had to be sent again"


def all_turns(played: Played) -> Iterable[str]:
    """Otherwise it was not tried."""
    for name, number in played.turns.items():
        if not number and name != "inversions":
            yield f"nothing was {name.replace('_', ' ')}"
