"""Which lines a command marks as read."""

from notifications_service.domain.inbox import LinesRead, read


def test_own_unread_lines_are_marked_once() -> None:
    assert read(["a", "b", "a", "c"], own={"a", "b"}, already={"b"}) == LinesRead(("a",))


def test_nothing_left_to_mark_is_no_fact() -> None:
    assert read(["a", "x"], own={"a"}, already={"a"}) is None
    assert read([], own=set(), already=set()) is None
