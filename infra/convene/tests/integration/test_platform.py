"""`convene up` with services that do nothing: starting, environments, starting again, stopping, and saying why not."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet

from convene.parts.ports import LOOPBACK, free_port
from convene.stack.plan import PORTS, PROCESSES, SERVICES
from convene.stack.probe import get_json, is_ok
from testkit import Platform, eventually
from testkit.platform import running_platform

TRIVIAL = Path(__file__).with_name("trivial") / "service.py"


@pytest.fixture(scope="module")
def trivial_services(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for PYTHONPATH in which each service's package does nothing, and what they stand on is empty."""
    folder = tmp_path_factory.mktemp("trivial")
    services = [f"{service}_service" for service in SERVICES]
    for name in (*services, "chassis", "contracts"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("")
    for name in services:
        shutil.copy(TRIVIAL, folder / name / "__main__.py")
    return str(folder)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack(trivial_services: str, testkit_dir: Path) -> AsyncIterator[Platform]:
    """A whole platform with its own Kafka and mongod around trivial services."""
    async with running_platform(testkit_dir / "trivial-platform", {"PYTHONPATH": trivial_services}) as running:
        yield running


async def test_every_process_of_the_table_is_ready(stack: Platform) -> None:
    status = await stack.convene("status")
    names = {row["name"] for row in status}
    assert names == {"kafka", "mongod", "outside", *(process.name for process in PROCESSES)}
    assert all(row["ready"] for row in status)


async def test_each_process_is_told_its_own_and_nothing_of_the_others(stack: Platform) -> None:
    for process in PROCESSES:
        port = int(stack.environ[process.port])
        told = await get_json(LOOPBACK, port, "/environment")
        assert told["MONGO_URL"].startswith(f"mongodb://{process.service}:")
        assert told["MONGO_URL"].endswith(f"/{process.service}?replicaSet=convene")
        assert told["OIDC_AUDIENCE"] == process.service
        assert not [name for name in told if name.startswith("MONGO_URL_")]
        kept = (stack.local / "env" / process.name).read_text()
        assert f"OIDC_AUDIENCE={process.service}\n" in kept
        assert (stack.local / "env" / process.name).stat().st_mode & 0o077 == 0


async def test_tokens_are_signed_by_the_key_that_the_issuer_shows(stack: Platform) -> None:
    keys = KeySet.import_key_set(await get_json(LOOPBACK, int(stack.environ["ISSUER_PORT"]), "/jwks"))
    claims = jwt.decode(await stack.token("ada", "webhooks:write"), keys, algorithms=["ES256"]).claims
    assert claims["iss"] == stack.addresses["issuer"]
    assert claims["sub"] == "ada"
    assert claims["aud"] == list(SERVICES)


@pytest.mark.parametrize("name", ["events", "outside", "mongod", "kafka"])
async def test_what_is_killed_is_started_again(stack: Platform, name: str) -> None:
    before = stack.processes()[name].pid
    stack.kill(name)

    async def again() -> bool:
        row = (await stack_status(stack))[name]
        return bool(row["pid"] != before and row["ready"])

    await eventually(again, within=90, every=0.2)
    assert f"{name} was killed by signal 9; starting it again" in stack.supervisor.log.read_text()


async def stack_status(stack: Platform) -> dict[str, dict[str, object]]:
    """By name, also when not all are ready."""
    command = [sys.executable, "-m", "convene", "status", "--json", "--local", str(stack.local)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, env=dict(stack.environ))
    out, _ = await process.communicate()
    assert out, "nothing is there"
    return {row["name"]: row for row in json.loads(out)}


async def test_logs_are_kept_by_process(stack: Platform) -> None:
    logs = await stack.convene("logs", "events-relay")
    assert logs == {"events-relay": ["serving relay"]}


async def test_only_one_platform_runs_on_a_folder(stack: Platform) -> None:
    done = up(stack.local, dict(stack.environ))
    assert done.returncode == 1
    assert done.stderr.strip() == f"convene: A platform is already running on {stack.local}; stop it with `make down`."


async def test_down_stops_everything_and_the_next_start_goes_on(trivial_services: str, tmp_path: Path) -> None:
    environ = free_ports() | {"PYTHONPATH": trivial_services}
    set_up = tmp_path / "logs" / "events-setup.log"
    async with running_platform(tmp_path, environ) as running:
        pids = [entry.pid for entry in running.processes().values()]
        assert await running.convene("down") == {"stopped": True}
        assert [pid for pid in pids if psutil.pid_exists(pid)] == []
        assert running.supervisor.exit_code == 0
        assert await running.convene("down") == {"stopped": False}
    first = set_up.stat().st_mtime_ns
    async with running_platform(tmp_path, environ) as again:
        assert await is_ok(LOOPBACK, int(again.environ["EVENTS_PORT"]), "/health/ready")
    assert set_up.stat().st_mtime_ns == first, "what was set up is not set up again"


async def test_nothing_outlives_a_killed_supervisor(trivial_services: str, tmp_path: Path) -> None:
    async with running_platform(tmp_path, {"PYTHONPATH": trivial_services}) as running:
        pids = [entry.pid for entry in running.processes().values()]
        running.supervisor.kill()
        await eventually(lambda: not any(map(psutil.pid_exists, pids)), within=60)


def up(local: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``convene up`` to its end."""
    command = [sys.executable, "-m", "convene", "up", "--local", str(local)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=240)


def free_ports() -> dict[str, str]:
    """For every port of the platform."""
    return {name: str(free_port()) for name in PORTS}


def test_a_taken_port_is_named_with_what_to_set(tmp_path: Path) -> None:
    environ = dict(os.environ) | free_ports()
    with socket.create_server((LOOPBACK, int(environ["STREAM_PORT"]))):
        done = up(tmp_path, environ)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"Port {environ['STREAM_PORT']} is taken" in done.stderr
    assert "set STREAM_PORT to another port" in done.stderr


def test_a_given_kafka_that_is_not_there_is_said_before_anything_starts(tmp_path: Path, trivial_services: str) -> None:
    given = f"{LOOPBACK}:{free_port()}"
    environ = dict(os.environ) | free_ports() | {"PYTHONPATH": trivial_services, "KAFKA_BOOTSTRAP": given}
    done = up(tmp_path, environ)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"convene: No Kafka answers at {given}; ")
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_failing_set_up_says_why_and_leaves_nothing(tmp_path: Path, trivial_services: str) -> None:
    environ = dict(os.environ) | free_ports()
    environ |= {"PYTHONPATH": trivial_services, "CONVENE_TRIVIAL_SETUP_CODE": "3"}
    done = up(tmp_path, environ)
    assert done.returncode == 1
    assert "failed: set up" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for name in ("KAFKA_PORT", "MONGO_PORT", "ISSUER_PORT"):
        with socket.socket() as probe:
            assert probe.connect_ex((LOOPBACK, int(environ[name]))) != 0
