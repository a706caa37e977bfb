"""Every command has an answer for programs, and no text of others steers the terminal of who reads it."""

import io
from collections.abc import Iterator

import pytest
import typer
from rich.console import Console

from convene.__main__ import build
from convene.commands.tail import line


def leaves(command: object, *path: str) -> Iterator[tuple[str, set[str]]]:
    """Each command that does something, with its options."""
    within = getattr(command, "commands", None)
    if within is None:
        yield " ".join(path), {option for one in getattr(command, "params", ()) for option in one.opts}
    else:
        for name, one in within.items():
            yield from leaves(one, *path, name)


def test_every_command_prints_json_when_asked() -> None:
    found = dict(leaves(typer.main.get_command(build([]))))
    assert {"up", "dlq show", "journal new-generation"} <= set(found)
    assert [name for name, options in found.items() if "--json" not in options] == []


def printed(name: str | None, *, event: str = "Chess", width: int = 80) -> str:
    """A line of `convene tail rsvps`, as it reaches a terminal without colours."""
    rsvp = {
        "response": "yes",
        "guests": 2,
        "member": {"member_id": 7, "member_name": name},
        "event": {"event_name": event},
        "group": {"group_name": "Club", "group_city": "Bern"},
    }
    terminal = io.StringIO()
    Console(file=terminal, width=width, highlight=False).print(line(rsvp), soft_wrap=True)
    return terminal.getvalue()


@pytest.mark.parametrize(
    "name", ["Mal [/x]", "[red]x", "[link=https://x]x", "a\\", "[/]", ":boom:", "Zoë 👩‍💻", "محمد", "x" * 200]
)
def test_a_name_is_shown_as_it_is(name: str) -> None:
    assert printed(name) == f"yes +2  {name}  Chess  (Club, Bern)\n"
    assert printed("Ada", event=name) == f"yes +2  Ada  {name}  (Club, Bern)\n"


def test_who_has_no_name_is_shown_by_number() -> None:
    assert printed(None) == "yes +2  7  Chess  (Club, Bern)\n"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b31m", "\\x9b31m"),
        ("a\r\nyes  b", "a\\r\\nyes  b"),
        ("\x07\x08\x7f", "\\x07\\x08\\x7f"),
        ("a\u2028b", "a\\u2028b"),
        ("\u202eadA", "\\u202eadA"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_would_steer_the_terminal_is_written_out(name: str, shown: str) -> None:
    assert printed(name) == f"yes +2  {shown}  Chess  (Club, Bern)\n"
