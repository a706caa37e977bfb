"""The tables of rules (docs/rules.md, docs/rules-events.md): every test they name is there, and every rule has one."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = tuple(ROOT / "docs" / name for name in ("rules.md", "rules-events.md"))
WHERE = {
    **{service: f"services/{service}/tests" for service in ("groups", "events", "notifications")},
    **{shared: f"shared/{shared}/tests" for shared in ("chassis", "contracts", "testkit")},
    **{level: f"tests/{level}" for level in ("contract", "e2e", "chaos")},
    "convene": "infra/convene/tests",
}
"""Where the first part of a test's name in the table leads."""
ROW = re.compile(r"^\| (?P<rule>.+?) \| (?P<tests>.+) \|$", re.MULTILINE)
NAME = re.compile(r"`([^`]+)`")
HEAD = {"rule", "---"}

ROWS = [
    (row["rule"], NAME.findall(row["tests"]))
    for page in PAGES
    for row in ROW.finditer(page.read_text())
    if row["rule"] not in HEAD
]


@cache
def collected(path: Path) -> frozenset[str]:
    """Names that pytest collects from a file: functions, and cases of a state machine."""
    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(name for name in names if name.startswith(("test_", "Test")))


def is_there(test: str) -> bool:
    """test: `groups/unit/test_people.py::test_members_do_not`."""
    file, _, name = test.partition("::")
    where, _, rest = file.partition("/")
    path = ROOT / WHERE.get(where, where) / rest
    return path.is_file() and name in collected(path)


@pytest.mark.parametrize(("rule", "tests"), ROWS, ids=[rule[:60] for rule, _ in ROWS])
def test_a_rule_has_tests_and_they_are_there(rule: str, tests: list[str]) -> None:
    assert tests, f"nothing shows that {rule}"
    assert [test for test in tests if not is_there(test)] == []


def test_every_line_of_the_tables_is_read_and_no_rule_stands_twice() -> None:
    lines = [line for page in PAGES for line in page.read_text().splitlines() if line.startswith("|")]
    heads = [line for line in lines if line.startswith(("| rule |", "| --- |"))]
    assert len(lines) - len(heads) == len(ROWS) > 0
    assert len({rule for rule, _ in ROWS}) == len(ROWS)


def test_a_name_that_leads_nowhere_is_found() -> None:
    here = "contract/test_rules.py::test_a_name_that_leads_nowhere_is_found"
    assert is_there(here)
    for wrong in (f"{here}s", here.replace("contract/", "e2e/"), here.replace("::", ":"), "contract/test_rules.py"):
        assert not is_there(wrong)
