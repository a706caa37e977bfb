"""Networks: who runs one, and whom it welcomes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.journal import Command
from contracts.groups import NetworkState
from groups_service import messages
from groups_service.domain import network as networks
from groups_service.domain.chapter import ELSEWHERE, Affiliation, NetworkDeclined, NetworkLeft
from groups_service.domain.dormancy import Liveliness, dormant
from groups_service.domain.membership import CLOSED
from groups_service.domain.network import (
    ADMINS_ONLY,
    MOST_CHAPTERS,
    NOT_ASKED,
    AdminForgotten,
    Network,
    NetworkChanged,
    NetworkCreated,
    Prospect,
    PutOut,
    Welcomed,
    WelcomeEnded,
)
from groups_service.domain.refusal import Refused
from groups_service.handlers import chapter, network
from groups_service.handlers.chapter import releases
from groups_service.handlers.group import Situation
from groups_service.handlers.group import outcome as group_outcome
from groups_service.handlers.network import Sphere
from groups_service.messages.network import tell_network

from .test_messages import founded

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
DAY = timedelta(days=1)
NETWORK = Network("n", "Python in 130 cities", "owned", ("ada",), NOW, NOW)
GROUP = Prospect("g")
ASKS = Prospect("g", Affiliation(asked=("n",)))
CHAPTER = Prospect("g", Affiliation("n", NOW), welcome=True)


def reason(decided: object) -> str:
    assert isinstance(decided, Refused)
    return decided.reason


def change(by: str = "ada", *, version: int = 1, strangers: tuple[str, ...] = (), **changes: Any) -> object:
    return networks.change(NETWORK, by, version=version, changes=changes, strangers=strangers)


def test_whoever_creates_a_network_is_its_first_admin() -> None:
    [fact] = networks.create("n", "ada", name="Python in 130 cities", reason="owned", dormant_after=90)
    assert networks.evolve(None, fact, NOW) == NETWORK


def test_admins_alone_change_it_as_they_saw_it() -> None:
    assert change("bo", name="Mine") == ADMINS_ONLY
    assert reason(change(version=2, name="Mine")) == "stale-version"
    assert change(name=NETWORK.name) == []
    assert change(dormant_after=30) == [NetworkChanged("n", "ada", {"dormant_after": 30})]


def test_admins_add_and_remove_admins_and_the_last_one_stays() -> None:
    assert change(admins=("ada", "bo")) == [NetworkChanged("n", "ada", {"admins": ("ada", "bo")})]
    assert change(admins=("bo",)) == [NetworkChanged("n", "ada", {"admins": ("bo",)})]
    assert reason(change(admins=())) == "admin-needed"
    assert reason(change(admins=("ada", "nobody"), strangers=("nobody",))) == "member-not-found"


def test_a_forgotten_admin_runs_it_no_more_and_neither_does_the_last_one() -> None:
    two = replace(NETWORK, admins=("ada", "bo"))
    [fact] = networks.forget(two, "ada")
    assert fact == AdminForgotten("n", "ada")
    later = NOW + DAY
    assert networks.evolve(two, fact, later) == replace(NETWORK, admins=("bo",), version=2, updated_at=later)
    assert networks.evolve(NETWORK, fact, later).admins == ()
    assert networks.forget(NETWORK, "bo") == []


def test_a_network_tells_who_is_left_of_its_admins() -> None:
    wish = Command("c", network.FORGET, "n", {}, actor="ada")
    outcome = network.decide_forget(Sphere(replace(NETWORK, admins=("ada", "bo"))), wish, NOW)
    [message] = tell_network(wish, outcome, NOW).messages
    assert message.type == "convene.groups.network.changed.v1"
    assert NetworkState.model_validate_json(message.value or "").admins == ["bo"]
    again = network.decide_forget(outcome.state, wish, NOW)
    assert (again.facts, tell_network(wish, again, NOW).messages) == ([], [])
    assert network.decide_forget(Sphere(None), wish, NOW).refused == "network-not-found"


@pytest.mark.parametrize("rule", [networks.welcome, networks.accept, networks.put_out])
def test_admins_alone_decide_about_chapters(rule: Any) -> None:
    assert rule(NETWORK, "bo", ASKS) == ADMINS_ONLY


def test_inviting_twice_changes_nothing() -> None:
    assert networks.welcome(NETWORK, "ada", GROUP) == [Welcomed("n", "ada", "g")]
    assert networks.welcome(NETWORK, "ada", replace(GROUP, welcome=True)) == []
    assert networks.welcome(NETWORK, "ada", CHAPTER) == []


def test_closed_groups_and_those_of_other_networks_are_not_invited() -> None:
    assert networks.welcome(NETWORK, "ada", replace(GROUP, closed=True)) == CLOSED
    assert networks.welcome(NETWORK, "ada", Prospect("g", Affiliation("m", NOW))) == ELSEWHERE


def test_a_network_has_so_many_chapters_and_no_more() -> None:
    full = replace(NETWORK, welcomes=MOST_CHAPTERS)
    assert reason(networks.welcome(full, "ada", GROUP)) == "network-full"
    assert networks.welcome(full, "ada", CHAPTER) == []


def test_only_who_asks_is_accepted() -> None:
    assert networks.accept(NETWORK, "ada", GROUP) == NOT_ASKED
    assert networks.accept(NETWORK, "ada", ASKS) == [Welcomed("n", "ada", "g")]
    assert networks.accept(NETWORK, "ada", CHAPTER) == []


def test_an_admin_who_leads_the_group_takes_the_networks_invitation_for_it() -> None:
    invited = replace(GROUP, welcome=True)
    assert networks.accept(NETWORK, "ada", invited) == NOT_ASKED
    assert networks.accept(NETWORK, "ada", replace(GROUP, leads=True)) == NOT_ASKED
    assert networks.accept(NETWORK, "ada", replace(invited, leads=True)) == []
    wish = Command("c", network.ACCEPT, "n", {"group_id": "g"}, actor="ada")
    outcome = network.ACTS[network.ACCEPT](Sphere(NETWORK, replace(invited, leads=True)), wish, NOW)
    assert outcome.answer["follows"] == "enter"


def test_an_admin_puts_out_takes_back_and_turns_down() -> None:
    assert networks.put_out(NETWORK, "ada", CHAPTER) == [PutOut("n", "ada", "g", welcomed=True)]
    assert networks.put_out(NETWORK, "ada", replace(GROUP, welcome=True)) == [PutOut("n", "ada", "g", welcomed=True)]
    assert networks.put_out(NETWORK, "ada", ASKS) == [PutOut("n", "ada", "g", welcomed=False)]
    assert networks.put_out(NETWORK, "ada", GROUP) == []


def test_a_welcome_is_used_up_by_leaving_but_not_by_one_that_came_back() -> None:
    assert networks.release(NETWORK, "olga", replace(GROUP, welcome=True)) == [WelcomeEnded("n", "olga", "g")]
    assert networks.release(NETWORK, "olga", CHAPTER) == []
    assert networks.release(NETWORK, "olga", GROUP) == []


def test_welcomes_are_counted_and_are_no_edits() -> None:
    after = NETWORK
    for fact in (Welcomed("n", "a", "g"), Welcomed("n", "a", "h"), PutOut("n", "a", "g", welcomed=True)):
        after = networks.evolve(after, fact, NOW)
    assert after == replace(NETWORK, welcomes=1)
    after = networks.evolve(after, PutOut("n", "a", "k", welcomed=False), NOW)
    assert networks.evolve(after, WelcomeEnded("n", "o", "h"), NOW) == NETWORK


def command(name: str, /, **body: Any) -> Command:
    return Command("c", name, "n", body, actor="ada")


def test_a_yes_to_a_group_that_wants_in_is_handed_to_it_and_one_to_another_is_an_invitation() -> None:
    wish = command(network.WELCOME, group_id="g")
    for prospect, children, state in (
        (GROUP, [], "invited"),
        (ASKS, [chapter.ENTER], "asked"),
        (replace(GROUP, leads=True), [chapter.ENTER], "invited"),
    ):
        outcome = network.ACTS[network.WELCOME](Sphere(NETWORK, prospect), wish, NOW)
        assert outcome.answer["state"] == state
        told = tell_network(wish, outcome, NOW)
        assert ([child.name for child in told.children], told.messages) == (children, [])


def test_a_no_is_handed_to_the_group() -> None:
    wish = command(network.PUT_OUT, group_id="g")
    [child] = tell_network(wish, network.ACTS[network.PUT_OUT](Sphere(NETWORK, CHAPTER), wish, NOW), NOW).children
    assert (child.name, child.aggregate, child.body) == (chapter.PUT_OUT, "g", {"network_id": "n"})


def test_what_is_not_there_is_refused() -> None:
    wish = command(network.WELCOME, group_id="g")
    assert network.ACTS[network.WELCOME](Sphere(None, GROUP), wish, NOW).refused == "network-not-found"
    assert network.ACTS[network.WELCOME](Sphere(NETWORK, None), wish, NOW).refused == "group-not-found"
    changing = command(network.CHANGE, version=1, changes={})
    assert network.decide_change(Sphere(None), changing, NOW).refused == "network-not-found"


def test_networks_tell_their_whole_state_when_they_are_new_or_changed() -> None:
    made = command(network.CREATE, name="Python in 130 cities", reason="owned", dormant_after=90)
    outcome = network.decide_create(Sphere(None), made, NOW)
    assert outcome.created
    [message] = tell_network(made, outcome, NOW).messages
    assert (message.type, message.key, message.partition) == ("convene.groups.network.created.v1", "n", "n")
    state = NetworkState.model_validate_json(message.value or "")
    assert (state.admins, state.reason, state.dormant_after, state.version) == (["ada"], "owned", 90, 1)
    changing = command(network.CHANGE, version=1, changes={"admins": ["ada", "bo"]})
    [message] = tell_network(changing, network.decide_change(Sphere(NETWORK), changing, NOW), NOW).messages
    assert message.type == "convene.groups.network.changed.v1"
    assert NetworkState.model_validate_json(message.value or "").admins == ["ada", "bo"]


def test_the_network_hears_of_who_left_or_declined() -> None:
    cause = Command("c", chapter.LEAVE, "g", {"network_id": "n"}, actor="olga")
    for fact in (NetworkLeft("g", "olga", "n"), NetworkDeclined("g", "olga", "n")):
        [child] = releases(cause, [fact])
        assert (child.name, child.aggregate, child.body) == (chapter.RELEASE, "n", {"group_id": "g"})
        outcome = group_outcome(Situation(founded()), [fact], NOW)
        told = messages.tell_circle(cause, outcome, NOW)
        assert list(told.children) == [child]
        assert len(told.messages) == isinstance(fact, NetworkLeft)


QUIET = Liveliness(NOW)


@pytest.mark.parametrize(
    ("group", "after", "sleeps"),
    [
        (QUIET, 89, False),
        (QUIET, 90, True),
        (replace(QUIET, announced_at=NOW + 60 * DAY), 149, False),
        (replace(QUIET, announced_at=NOW + 60 * DAY), 150, True),
        (replace(QUIET, announced_at=NOW - 60 * DAY), 89, False),
        (replace(QUIET, scheduled_until=NOW + 101 * DAY), 100, False),
        (replace(QUIET, scheduled_until=NOW + 100 * DAY), 100, True),
    ],
)
def test_a_chapter_is_dormant_without_announcements_for_so_long_and_nothing_ahead(
    group: Liveliness, after: int, sleeps: bool
) -> None:
    assert dormant(group, dormant_after=90, now=NOW + after * DAY) is sleeps


def test_facts_of_a_network_begin_with_its_creation() -> None:
    with pytest.raises(ValueError, match="creation"):
        networks.evolve(None, Welcomed("n", "ada", "g"), NOW)
    assert networks.evolve(None, NetworkCreated("n", "ada", "N", "sponsored", 30), NOW).dormant_after == 30
