"""A set-up is repeated when anything it rests on changes."""

import sys
from pathlib import Path

import pytest

from convene.stack.stamp import fingerprint


def test_it_changes_with_sources_data_and_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, data = tmp_path / "stamped", tmp_path / "data"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def now(*words: str) -> str:
        return fingerprint(["stamped"], [data], words)

    seen = [now("a=1")]
    assert now("a=1") == seen[0]
    seen.append(now("a=2"))
    data.write_text("formatted")
    seen.append(now("a=1"))
    (package / "topics.toml").write_text("")
    seen.append(now("a=1"))
    (package / "__init__.py").write_text("x = 1")
    seen.append(now("a=1"))
    assert len(set(seen)) == 5
