"""Injectors whose work is a pure one: which bytes of a log are lost, which clock is wrong, what poison looks like."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from struct import pack

import psutil
import pytest

from convene.faults import clock
from convene.faults.records import poison
from convene.faults.starving import slowed, without_memory
from convene.faults.tail import batches, lose, lost_power
from convene.parts.trouble import Unavailable
from testkit import eventually


def batch(offset: int, records: int) -> bytes:
    """As long as a batch with so many bytes of records."""
    return pack(">qi", offset, 49 + records) + bytes(49 + records)


def test_batches_are_found_up_to_the_room_that_was_made_ahead() -> None:
    segment = batch(0, 10) + batch(3, 0) + bytes(4096)
    assert [(found.offset, found.at, found.size) for found in batches(segment)] == [(0, 0, 71), (3, 71, 61)]
    assert batches(segment[:100]) == batches(batch(0, 10))


def test_the_last_batches_are_lost_and_the_first_of_them_is_torn(tmp_path: Path) -> None:
    folder = tmp_path / "events.rsvp.v1-2"
    folder.mkdir()
    (folder / "00000000000000000000.log").write_bytes(batch(0, 900))
    last = folder / "00000000000000000007.log"
    last.write_bytes(batch(7, 1) + batch(8, 39) + batch(9, 3))
    assert lose(tmp_path, "events.rsvp.v1", 2, 2) == 2
    assert last.stat().st_size == 62 + 50
    assert [found.offset for found in batches(last.read_bytes())] == [7]
    assert lose(tmp_path, "events.rsvp.v1", 2, 0) == 0
    assert lose(tmp_path, "events.rsvp.v1", 3, 5) == 0


def test_a_clean_stop_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / ".kafka_cleanshutdown").touch()
    lost_power(tmp_path)
    lost_power(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_each_process_has_a_clock_of_its_own(tmp_path: Path) -> None:
    with clock.clocks(tmp_path / "clocks", ["events", "events-relay"]) as made:
        made.set("events-relay", -3600)
        assert Path(made.environ["EVENTS__LD_PRELOAD"]).exists()
        files = [Path(made.environ[f"{name}__FAKETIME_TIMESTAMP_FILE"]) for name in ("EVENTS", "EVENTS_RELAY")]
        assert [file.read_text() for file in files] == ["+0\n", "-3600\n"]


def test_a_wrong_clock_tells_another_time_and_sleeps_as_long(tmp_path: Path) -> None:
    program = (
        "import os, time; begun = time.monotonic(); time.sleep(0.2);"
        "print(time.time(), time.monotonic() - begun, flush=True); os.kill(os.getpid(), 9)"
    )
    with clock.clocks(tmp_path, ["events"]) as made:
        made.set("events", -7200)
        variables = {name.removeprefix("EVENTS__"): value for name, value in made.environ.items()}
        told = subprocess.Popen([sys.executable, "-c", program], env=variables, stdout=subprocess.PIPE, text=True)
        output, _ = told.communicate(timeout=60)
    wall, slept = map(float, output.split())
    assert -7260 < wall - time.time() < -7170
    assert 0.2 <= slept < 5
    assert [path.name for path in clock.LEFT_IN.glob(f"*faketime*_{told.pid}")] == []


def test_without_libfaketime_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "LIBRARY", "nowhere")
    with pytest.raises(Unavailable, match="libfaketime"), clock.clocks(tmp_path, ["events"]):
        raise AssertionError


def test_every_kind_of_poison_has_a_subject_of_its_own_or_none() -> None:
    bottles = poison("p")
    subjects = [bottle.subject for bottle in bottles if bottle.subject is not None]
    assert len(set(subjects)) == len(subjects) == 7
    assert len({bottle.name for bottle in bottles}) == len(bottles)


async def test_a_slowed_process_goes_on_afterwards_and_one_without_memory_cannot_take_any() -> None:
    program = (
        "import sys; print('up', flush=True)\n"
        "for line in sys.stdin:\n"
        "    try: held = bytearray(int(line)); print('had', flush=True)\n"
        "    except MemoryError: print('none', flush=True)\n"
    )
    asked = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert asked.stdin is not None
    assert asked.stdout is not None
    said = asked.stdout.readline

    async def ask(size: int) -> bytes:
        assert asked.stdin is not None
        asked.stdin.write(f"{size}\n".encode())
        return await said()

    assert await said() == b"up\n"
    with without_memory(asked.pid, 1):
        assert await ask(64_000_000) == b"none\n"
    assert await ask(64_000_000) == b"had\n"
    async with slowed(asked.pid, 0.5):
        await eventually(lambda: psutil.Process(asked.pid).status() == psutil.STATUS_STOPPED)
    assert await ask(1) == b"had\n"
    asked.stdin.close()
    assert await asked.wait() == 0
