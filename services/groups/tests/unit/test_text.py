"""What callers may write."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from groups_service.domain.group import is_id, is_urlname
from groups_service.http.group import GroupChange
from groups_service.http.member import ProfileGiven
from groups_service.http.membership import Joining
from groups_service.http.post import NewPost
from groups_service.http.report import NewReport
from groups_service.http.text import Country, Topics, Zone

NO_PLACE = [(Zone, "localtime"), (Zone, "Factory"), (Zone, "posixrules")]
"""What folders of zones hold beside them."""
POST = {"body": "Hello"}
REPORT = {"what": "post", "id": "p", "reason": "Spam"}


def test_topics_that_mean_the_same_are_one() -> None:
    assert TypeAdapter(Topics).validate_python(["Open Source", "open-source", "Rust"]) == ["Open Source", "Rust"]


@pytest.mark.parametrize("urlname", ["abc", "a-1", "jersey-city-moms", "x" * 60])
def test_urlnames(urlname: str) -> None:
    assert is_urlname(urlname)


@pytest.mark.parametrize("wrong", ["", "ab", "a--b", "-ab", "ab-", "aB1", "x" * 61, "a_b", "a" * 26, "abc\n"])
def test_what_is_no_urlname(wrong: str) -> None:
    assert not is_urlname(wrong)
    assert is_id(wrong) == (wrong == "a" * 26)


def test_countries_and_zones() -> None:
    assert TypeAdapter(Country).validate_python("us") == "US"
    assert TypeAdapter(Zone).validate_python("Asia/Kathmandu") == "Asia/Kathmandu"
    for kind, wrong in ((Country, "USA"), (Country, "ß"), (Zone, "../etc/passwd"), (Zone, "Moon"), *NO_PLACE):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(wrong)


@pytest.mark.parametrize(("kind", "name"), [(GroupChange, "join_questions"), (Joining, "answers")])
def test_five_questions_and_answers_of_250_characters_are_taken_and_no_more(kind: Any, name: str) -> None:
    texts = ["a" * 250, "ß" * 250, "\N{BREAD}" * 250, f" {'b' * 250}\n", "c"]
    assert getattr(kind.model_validate({name: texts}), name) == [text.strip() for text in texts]
    for wrong in (["a" * 251], ["a", "ß" * 251], ["a"] * 6):
        with pytest.raises(ValidationError):
            kind.model_validate({name: wrong})


@pytest.mark.parametrize(
    "held", ["\r\nATTENDEE:mailto:eve@example.org", "\0", "\t", "\x1b[2J", "\x7f", "\x85", "\u2028"]
)
@pytest.mark.parametrize(
    ("kind", "rest", "name"),
    [
        (GroupChange, {}, "name"),
        (GroupChange, {}, "city"),
        (GroupChange, {}, "members_are_called"),
        (GroupChange, {}, "topics"),
        (GroupChange, {}, "join_questions"),
        (ProfileGiven, {}, "name"),
        (ProfileGiven, {"name": "Ada"}, "photo"),
        (NewPost, POST, "title"),
        (NewReport, REPORT, "reason"),
    ],
)
def test_one_line_is_one(kind: Any, rest: Any, name: str, held: str) -> None:
    def given(text: str) -> Any:
        return {**rest, name: [text] if name in ("topics", "join_questions") else text}

    kind.model_validate(given("https://example.org/a-\N{BREAD}"))
    with pytest.raises(ValidationError):
        kind.model_validate(given(f"https://example.org/a{held}b"))


@pytest.mark.parametrize(
    ("kind", "rest", "name"),
    [
        (GroupChange, {}, "description"),
        (ProfileGiven, {"name": "Ada"}, "bio"),
        (NewPost, {}, "body"),
        (NewReport, REPORT, "text"),
    ],
)
def test_several_lines_hold_no_other_control_characters(kind: Any, rest: Any, name: str) -> None:
    assert getattr(kind.model_validate({**rest, name: "a\tb\r\nc\N{BREAD}"}), name) == "a\tb\r\nc\N{BREAD}"
    for wrong in ("\0", "\b", "\x0b", "\x1b", "\x7f"):
        with pytest.raises(ValidationError):
            kind.model_validate({**rest, name: f"a{wrong}b"})
