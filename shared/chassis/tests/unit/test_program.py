"""What `python -m <service>` says of settings that it cannot start with."""

from pathlib import Path
from typing import Any

import pytest
from issuer import Settings

from chassis.program import main
from chassis.serve import Process
from chassis.service import Service


def _never(*_: Any) -> Service:
    raise AssertionError("nothing is put together from settings that are refused")


async def _never_built(*_: Any) -> Process:
    raise AssertionError("nothing is started with settings that are refused")


def _refused(capsys: pytest.CaptureFixture[str]) -> str:
    """What it says, having ended with 1 whatever it was to do."""
    heard = set()
    for words in ([], ["setup"], ["relay"]):
        code = main("toy_service", words, roles=("api", "relay"), settings=Settings, own=_never, build=_never_built)
        said = capsys.readouterr()
        assert (code, said.out) == (1, "")
        heard.add(said.err)
    (line,) = heard
    return line


@pytest.fixture(autouse=True)
def _otherwise_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGO_URL", "mongodb://toy:sesame@db/toy")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"CONVENE_ENV": "production", "OIDC_ISSUER": "http://127.0.0.1:9000"},
            "OIDC_ISSUER must be https and not on this machine when CONVENE_ENV=production",
        ),
        ({"HTTP_PORT": "sesame"}, "HTTP_PORT: Input should be a valid integer"),
        ({"HTTP_PORT": "70000"}, "HTTP_PORT: Input should be less than or equal to 65535"),
        ({"CONVENE_ENV": "sesame"}, "CONVENE_ENV: Input should be 'dev', 'test' or 'production'"),
        ({"JOURNAL_KEY": "sesame"}, "JOURNAL_KEY: "),
        ({"HTTP_PORT": "-1", "JOURNAL_DAYS": "0"}, "JOURNAL_DAYS: "),
    ],
)
def test_settings_that_are_refused_are_one_line_each_without_what_was_given(
    given: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    heard = _refused(capsys)
    assert heard.startswith("toy_service cannot start: ")
    assert said in heard
    assert heard.count("\n") == 1
    assert "Traceback" not in heard
    assert "sesame" not in heard


def test_a_secrets_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, binary = tmp_path / "missing", tmp_path / "binary"
    binary.write_bytes(b"\xff")
    for path, why in ((missing, "No such file or directory"), (binary, "it is not UTF-8")):
        monkeypatch.setenv("JOURNAL_KEY_FILE", str(path))
        assert _refused(capsys) == f"toy_service cannot start: JOURNAL_KEY_FILE: {path} cannot be read: {why}\n"
