"""What callers make of answers, against a server that says what a test wants to hear."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise

from convene.load.crowd import Crowd
from convene.load.ledger import Ledger, Line, What
from convene.load.setting import Setting

SETTING = Setting(events=1, members=1, requests=1, at_once=1, patience=0.0)
TAKEN = {"status": "yes", "seq": 1}
Says = Callable[[str, int], tuple[int, object]]
"""From a request's body, and how many came before it: status and body of the answer; status 0 cuts the connection."""


@asynccontextmanager
async def saying(says: Says) -> AsyncIterator[str]:
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        while not reader.at_eof():
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
            except asyncio.IncompleteReadError:
                break
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            status, told = says((await reader.readexactly(length)).decode(), count)
            count += 1
            if not status:
                break
            body = json.dumps(told).encode()
            writer.write(b"HTTP/1.1 %d Said\r\ncontent-length: %d\r\n\r\n%b" % (status, len(body), body))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def line(also: What = "first", number: int = 0, due: float = 0.0) -> Line:
    return Line("m", f"e{number}", "yes", 0, f"k{number}", also, due)


async def play(says: Says, *lines: Line, setting: Setting = SETTING) -> Ledger:
    async with saying(says) as url:
        return await Crowd(url, setting, lambda _: "token", lambda _: None).play(lines)


async def test_an_accepted_answer() -> None:
    (told,) = (await play(lambda *_: (201, TAKEN), line())).lines
    assert (told.outcome, told.status, told.seq, told.contradicted) == ("accepted", "yes", 1, False)
    assert [one.answer for one in told.tries] == [201]


async def test_not_now_is_asked_again() -> None:
    setting = replace(SETTING, patience=10.0)
    answers: dict[int, tuple[int, object]] = {0: (0, None), 1: (503, {})}
    (told,) = (await play(lambda _, count: answers.get(count, (201, TAKEN)), line(), setting=setting)).lines
    assert told.outcome == "accepted"
    assert [one.answer for one in told.tries] == [0, 503, 201]


async def test_what_is_never_answered_stays_unknown() -> None:
    (told,) = (await play(lambda *_: (503, {}), line())).lines
    assert (told.outcome, told.status) == ("unknown", None)


async def test_what_breaks_is_no_refusal() -> None:
    refused, broken = (await play(lambda _, count: (500 if count else 409, {}), line(), line(number=1))).lines
    assert (refused.outcome, broken.outcome) == ("refused", "unknown")


async def test_a_double_click_and_a_repeat_must_hear_the_same() -> None:
    kinds: tuple[What, ...] = ("twin", "repeat")
    for also in kinds:
        (same,) = (await play(lambda *_: (201, TAKEN), line(also))).lines
        assert (len(same.tries), same.contradicted) == (2, False)
        (other,) = (await play(lambda _, count: (201, {**TAKEN, "seq": count}), line(also))).lines
        assert other.contradicted


async def test_the_key_with_another_body_must_be_refused() -> None:
    (good,) = (await play(lambda _, count: (422 if count else 201, TAKEN), line("other"))).lines
    assert ([one.what for one in good.tries], good.contradicted) == (["first", "other"], False)
    (bad,) = (await play(lambda *_: (201, TAKEN), line("other"))).lines
    assert bad.contradicted


async def test_time_counts_from_when_a_request_was_due() -> None:
    """One caller, and a first request that takes two tries: those due meanwhile wait, and their time says so."""
    setting = replace(SETTING, patience=10.0, rate=1000.0)
    lines = [line(number=number, due=number / 1000) for number in range(3)]
    ledger = await play(lambda _, count: (201, TAKEN) if count else (503, {}), *lines, setting=setting)
    pause = ledger.lines[0].tries[1].at
    assert pause >= 0.05
    assert all(one.seconds >= pause - one.due for one in ledger.lines)
    assert all(one.late >= pause - one.due for one in ledger.lines[1:])


async def test_one_person_waits_for_their_own_answer() -> None:
    """Two requests of one person to one event never overlap, though there are callers enough."""
    setting = replace(SETTING, at_once=4, rate=1000.0)
    lines = [replace(line(), key=f"k{number}") for number in range(4)]
    ledger = await play(lambda *_: (201, TAKEN), *lines, setting=setting)
    spans = sorted((one.tries[0].at, one.tries[0].at + one.tries[0].took) for one in ledger.lines)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))
