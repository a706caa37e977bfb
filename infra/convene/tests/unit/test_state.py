"""The file of a platform that is gone counts as no platform."""

import os
import subprocess
import sys
from pathlib import Path

from convene.stack.state import Entry, State, forget_state, read_state, write_state

RUNNING = State(os.getpid(), (Entry("kafka", 1, "127.0.0.1:1"), Entry("events", 2, "http://127.0.0.1:2", 2)))


def test_a_running_platforms_state_is_read_back(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print(flush=True); input()", "convene"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        supervisor.stdout.readline()
        state = State(supervisor.pid, RUNNING.entries)
        write_state(tmp_path, state)
        assert read_state(tmp_path) == state
        supervisor.kill()


def test_replicas_are_of_one_kind_alone() -> None:
    names = ("events-2", "events-consumer", "events", "events-relay", "events-consumer-2")
    state = State(1, tuple(Entry(name, 2, f"http://{name}") for name in names))
    assert [entry.name for entry in state.replicas("events")] == ["events", "events-2"]
    assert [entry.name for entry in state.replicas("events-consumer")] == ["events-consumer", "events-consumer-2"]
    assert state.replicas("groups") == []


def test_a_process_that_took_the_number_of_a_dead_supervisor_is_no_platform(tmp_path: Path) -> None:
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, cwd="/") as other:
        write_state(tmp_path, State(other.pid, RUNNING.entries))
        assert read_state(tmp_path) is None
        other.kill()


def test_no_file_a_broken_one_and_a_dead_supervisor_are_no_platform(tmp_path: Path) -> None:
    assert read_state(tmp_path) is None
    (tmp_path / "running.json").write_text("{")
    assert read_state(tmp_path) is None
    write_state(tmp_path, State(2**22 - 1, RUNNING.entries))
    assert read_state(tmp_path) is None
    forget_state(tmp_path)
    assert list(tmp_path.iterdir()) == []
    forget_state(tmp_path)
