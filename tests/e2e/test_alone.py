"""Each service, installed as wheels from its own requirement file, sets itself up and serves; nothing else is there."""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convene.parts.cache import cache_dir
from convene.parts.ports import LOOPBACK, free_port
from convene.parts.running import Running
from convene.stack.plan import SERVICES
from convene.stack.probe import is_ok
from testkit import eventually

ROOT = Path(__file__).parents[2]
UV = str(next(cache_dir().glob("uv-*/bin/uv"), shutil.which("uv") or "uv"))
PACKAGES = "import importlib.util, sys; print(*(name for name in sys.argv[1:] if importlib.util.find_spec(name)))"


def run(*command: str, environ: dict[str, str] | None = None) -> str:
    """What the program printed; fails with what it said when it fails."""
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of each service, of the chassis and of the contracts."""
    folder = tmp_path_factory.mktemp("wheels")
    options = ("--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", str(folder))
    for project in (*(f"services/{service}" for service in SERVICES), "shared/chassis", "shared/contracts"):
        run(UV, "build", *options, project)
    return folder


@pytest.fixture
def kafka(kafka_bootstrap: str, topic_prefix: str) -> dict[str, str]:
    """Where the service finds its topics."""
    return {"KAFKA_BOOTSTRAP": kafka_bootstrap, "TOPIC_PREFIX": topic_prefix}


def install(service: str, wheels: Path, folder: Path) -> str:
    """The Python of a virtual environment that holds one service and what it needs."""
    python = str(folder / "bin" / "python")
    run(UV, "venv", "--quiet", "--python", sys.executable, str(folder))
    into = (UV, "pip", "install", "--quiet", "--python", python)
    run(*into, "--require-hashes", "-r", f"requirements/{service}.txt")
    run(*into, "--no-deps", *(str(next(wheels.glob(f"{name}-*.whl"))) for name in own_packages(service)))
    return python


def own_packages(service: str) -> tuple[str, str, str]:
    """What of this repository a service consists of."""
    return ("contracts", "chassis", f"{service}_service")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_runs_alone(
    service: str, wheels: Path, mongo_url: str, kafka: dict[str, str], tmp_path: Path
) -> None:
    python = install(service, wheels, tmp_path / "venv")
    own = (*own_packages(service), "pytest", "convene", "testkit", *(f"{name}_service" for name in SERVICES))
    assert set(run(python, "-c", PACKAGES, *own).split()) == set(own_packages(service))
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "CONVENE_ENV": "test",
        **kafka,
        "MONGO_URL": mongo_url,
        "OIDC_ISSUER": "https://id.example.org",
        "HTTP_PORT": str(port),
        "STREAM_PORT": str(free_port()),
        "CONTACT_KEY": secrets.token_urlsafe(32),
    }
    run(python, "-m", f"{service}_service", "setup", environ=environ)
    running = Running(
        service,
        [python, "-m", f"{service}_service"],
        address=f"http://{LOOPBACK}:{port}",
        ready=lambda: is_ok(LOOPBACK, port, "/health/ready"),
        log=tmp_path / "log",
        env=environ,
    )
    await running.start()
    await eventually(lambda: is_ok(LOOPBACK, port, "/openapi.json"), within=90, because="it is made when first asked")
    await running.stop()
    assert running.exit_code in {0, -15}
