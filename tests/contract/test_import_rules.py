"""The import rules hold, and a planted violation is found."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

PLANTED = [
    ("services/groups/src/groups_service/domain/planted.py", "import events_service", "never import each other"),
    ("services/events/src/events_service/domain/planted.py", "import asyncio", "the domain knows no framework"),
    ("services/events/src/events_service/domain/planted.py", "import contracts", "the domain knows no framework"),
    ("services/events/src/events_service/handlers/planted.py", "import events_service.store", "data flows one way"),
    ("services/events/src/events_service/store/planted.py", "import motor", "through chassis.mongo"),
    ("shared/contracts/src/contracts/planted.py", "import chassis", "contracts stand alone"),
    ("shared/chassis/src/chassis/planted.py", "import groups_service", "the chassis knows no service"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace's sources and rules, to plant in."""
    root = tmp_path_factory.mktemp("workspace")
    shutil.copy(ROOT / "pyproject.toml", root)
    for folder in ("services", "shared"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    return root


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter on the sources under ``root``."""
    sources = ":".join(str(path) for path in sorted(root.glob("*/*/src")))
    environment = {"PYTHONPATH": sources, "PATH": "", "COLUMNS": "200"}
    command = [str(LINT), "--no-cache"]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_the_rules_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("path", "line", "rule"), PLANTED)
def test_a_planted_violation_fails(copy: Path, path: str, line: str, rule: str) -> None:
    planted = copy / path
    planted.write_text(f'"""Planted."""\n\n{line}\n')
    try:
        done = lint(copy)
    finally:
        planted.unlink()
    assert done.returncode == 1
    assert "planted" in done.stdout
    broken = [text for text in done.stdout.splitlines() if " BROKEN" in text]
    assert any(rule in text for text in broken), done.stdout
