"""Codes at the door: for one event and one moment, or one member; nobody can make one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from events_service.domain.code import STEP, at_door, claimed, door_code, is_own, own_code

KEY = b"k" * 32
NOW = datetime(2026, 5, 11, 12, 0, 7, tzinfo=UTC)
STEPS = timedelta(seconds=STEP)


def test_the_doors_code_is_good_while_it_is_shown_and_one_step_more() -> None:
    code, until = door_code(KEY, "e", NOW)
    assert until == datetime(2026, 5, 11, 12, 0, 30, tzinfo=UTC)
    moment = timedelta(milliseconds=1)
    at = [NOW, until - moment, until, until + STEPS - moment, until + STEPS, until + 18 * STEPS]
    assert [at_door(KEY, "e", code, now) for now in at] == ["good"] * 4 + ["expired"] * 2
    assert [at_door(KEY, "e", code, now) for now in (NOW - STEPS, NOW + timedelta(hours=1))] == ["unknown"] * 2
    assert at_door(KEY, "e", code.upper(), NOW) == "good"


def test_the_doors_code_is_of_one_event_and_one_key() -> None:
    code, _ = door_code(KEY, "e", NOW)
    assert at_door(KEY, "another", code, NOW) == "unknown"
    assert at_door(b"x" * 32, "e", code, NOW) == "unknown"
    assert code != door_code(KEY, "e", NOW + STEPS)[0]
    assert (len(code), code.isalnum()) == (10, True)


def test_a_members_code_is_theirs_for_one_event() -> None:
    code = own_code(KEY, "e", "ada")
    assert (claimed(code), is_own(KEY, "e", "ada", code)) == ("ada", True)
    assert not is_own(KEY, "another", "ada", code)
    assert not is_own(b"x" * 32, "e", "ada", code)
    name, _, signature = code.partition(".")
    forged = f"{own_code(KEY, 'e', 'bo').partition('.')[0]}.{signature}"
    assert (claimed(forged), is_own(KEY, "e", "bo", forged)) == ("bo", False)
    assert not is_own(KEY, "e", "ada", f"{name}.")


# what str.isprintable lets pass: a filter of whole texts would throw most of the long ones away
PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" ")


@given(st.text(PRINTABLE, min_size=1, max_size=255), st.text(max_size=40))
def test_every_members_code_says_whose_it_is(member_id: str, event_id: str) -> None:
    code = own_code(KEY, event_id, member_id)
    assert claimed(code) == member_id
    assert is_own(KEY, event_id, member_id, code)
    assert code.isascii()


@given(st.text(max_size=100))
def test_no_text_breaks_the_reading_of_codes(text: str) -> None:
    assert at_door(KEY, "e", text, NOW) == "unknown"
    assert not is_own(KEY, "e", "ada", text)
    found = claimed(text)
    assert found is None or found
