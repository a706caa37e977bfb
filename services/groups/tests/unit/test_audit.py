"""The audit log: what is in it, and that damage of every kind is found where it begins."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groups_service.domain.audit import NOTHING, Act, Broken, Head, Link, act_of, digest, first_broken, links
from groups_service.domain.membership import Banned, Joined, Left, Removed, RoleChanged, Unbanned
from groups_service.domain.moderation import PostJudged
from groups_service.domain.report import ReportResolved

NOW = datetime(2026, 11, 26, 18, 30, 0, 125_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fact", "act"),
    [
        (Removed("g", "ada", "olga"), Act("remove", "olga", "ada")),
        (Banned("g", "ada", "olga", "active"), Act("ban", "olga", "ada")),
        (Unbanned("g", "ada", "olga"), Act("unban", "olga", "ada")),
        (RoleChanged("g", "ada", "olga", "co_organizer"), Act("role", "olga", "ada", detail="co_organizer")),
        (PostJudged("g", "r", "p", "ada", "olga", "hide"), Act("hide", "olga", "ada", post_id="r")),
        (
            ReportResolved("g", "x", "olga", "ban", "ada", "private words"),
            Act("resolve", "olga", "ada", report_id="x", detail="ban"),
        ),
        (Left("g", "ada", "active"), None),
        (Joined("g", "ada", "member", ()), None),
    ],
)
def test_every_act_of_moderation_is_logged_and_nothing_else(fact: object, act: Act | None) -> None:
    assert act_of(fact) == act


def chain(length: int) -> tuple[Head, list[Link]]:
    """Links that came in decisions of one and of two acts."""
    head, found = NOTHING, list[Link]()
    for number in range(length):
        facts = [Banned("g", f"m{number}", "olga", "active"), Unbanned("g", f"m{number}", "olga")]
        added = links("g", head, facts[: 1 + number % 2], NOW + timedelta(seconds=number))
        found += added
        head = Head(added[-1].number, added[-1].digest)
    return head, found


def test_links_are_numbered_and_each_holds_the_digest_of_the_one_before() -> None:
    head, found = chain(4)
    assert [link.number for link in found] == list(range(1, 7))
    assert [link.previous for link in found] == ["", *(link.digest for link in found[:-1])]
    assert head == Head(6, found[-1].digest)
    assert first_broken("g", head, found) is None


def test_no_log_is_whole_as_long_as_nothing_was_logged() -> None:
    assert first_broken("g", NOTHING, []) is None
    assert links("g", NOTHING, [Left("g", "ada", "active")], NOW) == []


def changed(found: list[Link]) -> list[Link]:
    return [*found[:2], replace(found[2], act=replace(found[2].act, who="bo")), *found[3:]]


def changed_with_its_digest(found: list[Link]) -> list[Link]:
    other = replace(found[2], at=found[2].at + timedelta(milliseconds=1))
    return [*found[:2], replace(other, digest=digest(other)), *found[3:]]


def removed(found: list[Link]) -> list[Link]:
    return [*found[:2], *found[3:]]


def removed_and_renumbered(found: list[Link]) -> list[Link]:
    moved = [replace(link, number=link.number - 1) for link in found[3:]]
    return [*found[:2], *(replace(link, digest=digest(link)) for link in moved)]


def inserted(found: list[Link]) -> list[Link]:
    return [*found[:3], replace(found[2], act=Act("unban", "bo", "bo")), *found[3:]]


def inserted_at_the_end(found: list[Link]) -> list[Link]:
    more = replace(found[-1], number=found[-1].number + 1, previous=found[-1].digest)
    return [*found, replace(more, digest=digest(more))]


def reordered(found: list[Link]) -> list[Link]:
    one, other = replace(found[2], number=4), replace(found[3], number=3)
    return [*found[:2], other, one, *found[4:]]


def reordered_with_digests(found: list[Link]) -> list[Link]:
    broken = reordered(found)
    return [replace(link, digest=digest(link)) for link in broken]


def without_its_time(found: list[Link]) -> list[Link]:
    return [*found[:2], replace(found[2], at=""), *found[3:]]  # type: ignore[arg-type]  # as a damaged document is read


def without_its_number(found: list[Link]) -> list[Link]:
    return [*found[:2], replace(found[2], number=""), *found[3:]]  # type: ignore[arg-type]  # as a damaged document is read


def cut(found: list[Link]) -> list[Link]:
    return found[:4]


def another_end(found: list[Link]) -> list[Link]:
    last = replace(found[-1], act=Act("remove", "bo", "bo"))
    return [*found[:-1], replace(last, digest=digest(last))]


@pytest.mark.parametrize(
    ("damage", "number", "why"),
    [
        (changed, 3, "changed"),
        (changed_with_its_digest, 4, "out-of-place"),
        (removed, 3, "missing"),
        (removed_and_renumbered, 3, "out-of-place"),
        (inserted, 4, "out-of-place"),
        (inserted_at_the_end, 7, "unknown"),
        (reordered, 3, "changed"),
        (reordered_with_digests, 3, "out-of-place"),
        (without_its_time, 3, "changed"),
        (without_its_number, 3, "changed"),
        (cut, 5, "cut"),
        (lambda found: [], 1, "cut"),
        (another_end, 6, "changed"),
    ],
)
def test_the_first_broken_link_is_named(damage: Callable[[list[Link]], list[Link]], number: int, why: str) -> None:
    head, found = chain(4)
    assert first_broken("g", head, damage(found)) == Broken("g", number, why)


@given(st.data())
def test_no_field_of_any_link_can_be_changed_unseen(data: st.DataObject) -> None:
    head, found = chain(5)
    at = data.draw(st.integers(0, len(found) - 1))
    link = found[at]
    other = data.draw(
        st.sampled_from(
            [
                replace(link, act=replace(link.act, what="role")),
                replace(link, act=replace(link.act, who="x")),
                replace(link, act=replace(link.act, whom=None)),
                replace(link, act=replace(link.act, post_id="x")),
                replace(link, act=replace(link.act, report_id="x")),
                replace(link, act=replace(link.act, detail="x")),
                replace(link, group_id="h"),
                replace(link, previous="x"),
                replace(link, digest="x"),
                replace(link, at=link.at + timedelta(milliseconds=1)),
            ]
        )
    )
    broken = first_broken("g", head, [*found[:at], other, *found[at + 1 :]])
    assert broken is not None
    assert broken.number == link.number
