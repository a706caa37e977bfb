"""What operators ask of a service that has been set up, as programs hear it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from convene.stack.environment import keep


@pytest.fixture
def local(tmp_path: Path, mongo_url: str, kafka_bootstrap: str, topic_prefix: str) -> Path:
    """The folder of a platform of which groups was set up, and nothing runs."""
    own = {"MONGO_URL": mongo_url, "KAFKA_BOOTSTRAP": kafka_bootstrap, "TOPIC_PREFIX": topic_prefix}
    command = [sys.executable, "-m", "groups_service", "setup"]
    subprocess.run(command, env={**os.environ, **own}, check=True, capture_output=True)
    keep(tmp_path / "env", "groups", own)
    return tmp_path


def convene(local: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, "-m", "convene", *words, "--local", str(local)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_a_change_of_lanes_is_told_to_people_and_to_programs(local: Path) -> None:
    for_people = convene(local, "journal", "lanes", "groups", "2")
    assert for_people.stdout == "groups has 2 lanes, generation 1.\n", for_people.stderr
    for_programs = convene(local, "journal", "lanes", "groups", "3", "--json")
    assert json.loads(for_programs.stdout) == {"service": "groups", "lanes": 3, "generation": 2}


def test_a_message_that_is_not_parked_is_one_sentence(local: Path) -> None:
    done = convene(local, "dlq", "show", "groups", "nosuch", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "convene: The groups service has no parked message nosuch.\n"
