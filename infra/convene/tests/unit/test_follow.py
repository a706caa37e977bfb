"""Logs are shown line by line, from now on, whatever happens to the files."""

import io
from pathlib import Path

import pytest

from convene.stack import follow
from convene.stack.follow import Follower


def test_only_what_is_added_is_shown_under_its_name(tmp_path: Path) -> None:
    log, out = tmp_path / "events.log", io.StringIO()
    log.write_text("before\n")
    follower = Follower(tmp_path, ["events", "events-relay"], out)
    with log.open("a") as file:
        file.write("one\ntwo\nhal")
        file.flush()
        follower.show()
        file.write("f\n")
    follower.show()
    (tmp_path / "events-relay.log").write_text("late\n")
    follower.show()
    assert out.getvalue().splitlines() == [
        "events       | one",
        "events       | two",
        "events       | half",
        "events-relay | late",
    ]


def test_a_long_log_is_begun_again_and_its_writer_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "LARGEST", 10)
    log, out = tmp_path / "events.log", io.StringIO()
    log.write_text("")
    follower = Follower(tmp_path, ["events"], out)
    with log.open("a") as file:
        for line in ("a long first line\n", "then\n"):
            file.write(line)
            file.flush()
            follower.show()
    assert out.getvalue() == "events | a long first line\nevents | then\n"
    assert log.read_text() == "then\n"
    assert (tmp_path / "events.log.1").read_text() == "a long first line\n"
