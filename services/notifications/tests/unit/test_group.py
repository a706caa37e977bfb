"""What the members of a group are told of the group itself."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications_service.domain.group import GroupBefore, Vacancy, of_group
from notifications_service.domain.notice import Cause, Kind, Spread

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
VACANCY = Vacancy(AT + timedelta(days=15), AT + timedelta(days=30), offered=False)
OFFERED = Vacancy(VACANCY.freezes_at, VACANCY.closes_at, offered=True)
CAUSE = Cause("groups.group.v1", "g", 4, AT, "olga")
PUBLIC, PRIVATE = GroupBefore(private=False, status="active"), GroupBefore(private=True, status="active")
GRACE, FROZEN = GroupBefore(private=False, status="grace"), GroupBefore(private=False, status="frozen")


def told(
    said: str,
    before: GroupBefore | None,
    *,
    private: bool = False,
    status: str = "active",
    vacancy: Vacancy | None = None,
) -> list[Spread]:
    return of_group(private=private, status=status, vacancy=vacancy, said=said, before=before, group="g", cause=CAUSE)


def test_all_members_hear_that_the_group_went_private() -> None:
    [spread] = told("went-private", PUBLIC, private=True)
    assert (spread.kind, spread.audience, spread.group_id, spread.event_id) == (
        Kind.GROUP_WENT_PRIVATE,
        "members",
        "g",
        None,
    )


def test_going_private_counts_even_when_its_own_message_is_gone() -> None:
    assert [spread.kind for spread in told("changed", PUBLIC, private=True)] == [Kind.GROUP_WENT_PRIVATE]


def test_a_group_goes_private_once() -> None:
    assert told("changed", PRIVATE, private=True) == []
    assert told("changed", None, private=True) == []
    assert len(told("went-private", None, private=True)) == 1


def test_all_members_hear_that_an_organizer_is_needed_when_theirs_has_left() -> None:
    [spread] = told("organizer-left", PUBLIC, status="grace", vacancy=VACANCY)
    assert (spread.kind, spread.audience) == (Kind.GROUP_NEEDS_ORGANIZER, "members")
    assert spread.details == {"freezes_at": "2026-05-16T12:00:00+00:00", "closes_at": "2026-05-31T12:00:00+00:00"}
    assert spread.cause.actor == "olga"


def test_they_hear_it_once_more_when_the_group_is_frozen_whoevers_command_came_upon_it() -> None:
    [spread] = told("frozen", GRACE, status="frozen", vacancy=VACANCY)
    assert spread.details == {"closes_at": "2026-05-31T12:00:00+00:00"}
    assert spread.cause == Cause("groups.group.v1", "g", 4, AT, None)


@pytest.mark.parametrize(
    ("said", "before", "status", "vacancy"),
    [
        ("changed", GRACE, "grace", VACANCY),
        ("changed", FROZEN, "frozen", VACANCY),
        ("frozen", GRACE, "frozen", OFFERED),
        ("changed", None, "grace", VACANCY),
        ("organizer-found", GRACE, "active", None),
        ("closed", FROZEN, "closed", None),
        ("created", None, "active", None),
    ],
)
def test_nobody_is_asked_to_step_up_twice_or_where_nobody_has_to(
    said: str, before: GroupBefore | None, status: str, vacancy: Vacancy | None
) -> None:
    assert told(said, before, status=status, vacancy=vacancy) == []


def test_a_vacancy_first_heard_of_later_counts_by_its_own_word() -> None:
    assert len(told("organizer-left", None, status="grace", vacancy=VACANCY)) == 1
    assert len(told("changed", PUBLIC, status="grace", vacancy=VACANCY)) == 1
