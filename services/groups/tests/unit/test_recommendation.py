"""What is proposed to a member: more of what speaks for a group never makes it less likely, and reasons are true."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groups_service.domain.recommendation import NEAR_KM, Candidate, Reason, distance_km, recommend, score

NOTHING = Candidate("a", members=1)

counts = st.integers(0, 200)
candidates = st.builds(
    Candidate,
    group_id=st.text("abcdefgh", min_size=1, max_size=4),
    members=st.integers(0, 100_000),
    topics=st.integers(0, 15),
    distance_km=st.none() | st.floats(0, 20_100),
    people=counts,
    goers=counts,
)
handfuls = st.lists(candidates, max_size=12, unique_by=lambda one: one.group_id)


def ids(some: list[Candidate], limit: int = 100) -> list[str]:
    return [one.group_id for one in recommend(some, limit)]


@pytest.mark.parametrize(
    ("better", "because"),
    [
        ({"topics": 1}, ("topic",)),
        ({"distance_km": 3.0}, ("near",)),
        ({"people": 1}, ("people",)),
        ({"goers": 1}, ("people",)),
        ({"members": 5000}, ("popular",)),
        ({"topics": 2, "distance_km": 0.0, "goers": 1}, ("topic", "near", "people")),
    ],
)
def test_whatever_speaks_for_a_group_puts_it_first_and_is_said(
    better: dict[str, int], because: tuple[Reason, ...]
) -> None:
    other = replace(NOTHING, group_id="z", **better)
    first, second = recommend([NOTHING, other], 2)
    assert (first.group_id, first.because) == ("z", because)
    assert (second.group_id, second.because) == ("a", ("popular",))


def test_of_equals_the_lower_id_is_first() -> None:
    assert ids([replace(NOTHING, group_id=name) for name in "cab"]) == ["a", "b", "c"]


def test_what_is_far_away_is_not_near() -> None:
    far = replace(NOTHING, distance_km=NEAR_KM)
    assert score(far) == score(NOTHING)
    assert recommend([far], 1)[0].because == ("popular",)


def test_size_alone_never_beats_a_shared_topic() -> None:
    assert ids([replace(NOTHING, members=10**9), replace(NOTHING, group_id="b", topics=1)]) == ["b", "a"]


@given(handfuls, st.randoms(use_true_random=False))
def test_the_order_they_come_in_makes_no_difference(some: list[Candidate], chance: object) -> None:
    shuffled = list(some)
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # a Random
    assert recommend(some, 100) == recommend(shuffled, 100)


@given(handfuls, st.integers(0, 12))
def test_a_shorter_list_is_the_beginning_of_the_longer(some: list[Candidate], limit: int) -> None:
    assert recommend(some, limit) == recommend(some, 100)[:limit]


@given(handfuls.filter(bool), st.data())
def test_more_shared_topics_or_people_and_a_nearer_home_never_lower_it(
    some: list[Candidate], data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(some))
    nearer = st.floats(0, 20_100 if one.distance_km is None else one.distance_km)
    better = data.draw(
        st.one_of(
            counts.map(lambda more: replace(one, topics=one.topics + more)),
            counts.map(lambda more: replace(one, people=one.people + more)),
            counts.map(lambda more: replace(one, goers=one.goers + more)),
            nearer.map(lambda km: replace(one, distance_km=km)),
        )
    )
    assert score(better) >= score(one)
    others = [other for other in some if other != one]
    assert ids([*others, better]).index(one.group_id) <= ids(some).index(one.group_id)


@given(handfuls)
def test_every_reason_is_true_and_there_is_one(some: list[Candidate]) -> None:
    by_id = {one.group_id: one for one in some}
    for found in recommend(some, 100):
        one = by_id[found.group_id]
        assert ("topic" in found.because) == (one.topics > 0)
        assert ("near" in found.because) == (one.distance_km is not None and one.distance_km < NEAR_KM)
        assert ("people" in found.because) == (one.people + one.goers > 0)
        assert found.because
        assert "popular" not in found.because or found.because == ("popular",)


def test_distances_are_those_of_the_globe() -> None:
    berlin, utrecht = (52.52, 13.405), (52.0907, 5.1214)
    assert distance_km(berlin, utrecht) == pytest.approx(565, abs=3)
    assert distance_km(berlin, utrecht) == pytest.approx(distance_km(utrecht, berlin))
    assert distance_km(berlin, berlin) == 0
    assert distance_km((90, 0), (-90, 0)) == pytest.approx(20_037, abs=1)
    assert distance_km((0, 179.9), (0, -179.9)) == pytest.approx(22.26, abs=0.01)
