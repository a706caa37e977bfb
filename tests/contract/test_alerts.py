"""The alert rules name what the services show, and pages that exist."""

import re
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import REGISTRY

from chassis.reconcile import measures

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "infra/prometheus").glob("*.rules.yml"))


def shown() -> Iterator[str]:
    """Every metric that the chassis has, those without a value yet included."""
    assert measures.TOTAL is not None
    for metric in REGISTRY.collect():
        yield metric.name


def alerts(path: Path) -> dict[str, dict[str, str]]:
    """By name, the fields of each rule that stand on one line."""
    found: dict[str, dict[str, str]] = {}
    for line in path.read_text().splitlines():
        field = re.fullmatch(r"\s+(?:- )?(\w+): (.+)", line)
        if field is None:
            continue
        if field[1] == "alert":
            found[field[2]] = {}
        elif found:
            list(found.values())[-1][field[1]] = field[2]
    return found


def test_every_rule_is_about_a_metric_there_is_and_says_what_to_do() -> None:
    rules = {name: fields for path in RULES for name, fields in alerts(path).items()}
    assert len(rules) >= 3
    known = set(shown())
    for name, fields in rules.items():
        assert {"expr", "severity", "summary", "runbook"} <= fields.keys(), name
        assert (ROOT / fields["runbook"]).is_file(), name
        named = set(re.findall(r"\bconvene_\w+", fields["expr"]))
        assert named, name
        assert named <= known, name
