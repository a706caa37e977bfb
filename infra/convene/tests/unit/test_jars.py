"""Jars appear as a whole and checked, or not at all."""

import hashlib
from pathlib import Path

import pytest

from convene.parts.jars import KAFKA_LOCK, ZIPKIN_LOCK, Jar, fetch, read_lock
from convene.parts.trouble import Unavailable

CONTENT = {"a": b"first jar", "b": b"second jar"}
LOCK = "".join(f"org.example:{name}:1.0 {hashlib.sha256(data).hexdigest()}\n" for name, data in CONTENT.items())

INSTEAD = "do without"


def right(jar: Jar, scratch: Path) -> Path:
    """Downloads what was locked."""
    path = scratch / "download"
    path.write_bytes(CONTENT[jar.artifact])
    return path


def test_the_folder_holds_exactly_the_locked_jars(tmp_path: Path) -> None:
    folder = fetch(LOCK, tmp_path, right, otherwise=INSTEAD)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "a-1.0.jar": b"first jar",
        "b-1.0.jar": b"second jar",
    }


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    fetch(LOCK, tmp_path, right, otherwise=INSTEAD)

    def never(jar: Jar, scratch: Path) -> Path:
        raise AssertionError(f"{jar} was fetched again into {scratch}")

    fetch(LOCK, tmp_path, never, otherwise=INSTEAD)


def test_a_download_that_fails_once_is_tried_again(tmp_path: Path) -> None:
    failed: set[str] = set()

    def flaky(jar: Jar, scratch: Path) -> Path:
        if jar.artifact not in failed:
            failed.add(jar.artifact)
            raise OSError("connection reset")
        return right(jar, scratch)

    assert len(list(fetch(LOCK, tmp_path, flaky, otherwise=INSTEAD).iterdir())) == 2


def test_a_changed_jar_is_refused_and_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convene.parts.jars.TRIES", 1)

    def changed(jar: Jar, scratch: Path) -> Path:
        path = right(jar, scratch)
        path.write_bytes(path.read_bytes() + b"!" if jar.artifact == "b" else path.read_bytes())
        return path

    with pytest.raises(Unavailable, match=r"b-1\.0\.jar .*SHA-256 differs.*, or do without"):
        fetch(LOCK, tmp_path, changed, otherwise=INSTEAD)
    assert list(tmp_path.iterdir()) == []


def test_the_committed_lock_is_kafka_and_names_no_host() -> None:
    jars = read_lock(KAFKA_LOCK.read_text())
    assert ("org.apache.kafka", "kafka_2.13", "4.4.0") in {(jar.group, jar.artifact, jar.version) for jar in jars}
    assert "log4j-slf4j-impl" in {jar.artifact for jar in jars}, "without a binding the broker logs nothing"
    assert "://" not in KAFKA_LOCK.read_text()


def test_the_committed_lock_is_zipkin_in_one_jar() -> None:
    (jar,) = read_lock(ZIPKIN_LOCK.read_text())
    assert jar.file_name == "zipkin-server-3.5.1-exec.jar"


@pytest.mark.parametrize("line", ["g:a:1", "g:a " + "0" * 64, "g:a:1:c:x " + "0" * 64, "g:a:1 abc"])
def test_other_lines_are_no_lock(line: str) -> None:
    with pytest.raises(ValueError, match="not a lock line"):
        read_lock(line)
