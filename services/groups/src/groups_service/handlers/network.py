"""Commands about networks, and how they are decided. What a network's yes or no means for a group, that decides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.port import Ask, Journal
from chassis.journal.seen import Seen, version_seen
from groups_service.domain import network as networks
from groups_service.domain.circle import NO_GROUP
from groups_service.domain.network import NO_NETWORK, Fact, Network, Prospect, Reason
from groups_service.domain.refusal import Refused
from groups_service.handlers.answer import Answer, network_answer
from groups_service.handlers.chapter import RELEASE, chapter_answer, enters, put_out_command

CREATE: Final = "network.create"
CHANGE: Final = "network.change"
WELCOME: Final = "network.welcome"
ACCEPT: Final = "network.accept"
PUT_OUT: Final = "network.put-out"
FORGET: Final = "network.forget"


@dataclass(frozen=True, slots=True)
class Sphere:
    """What a decision about a network needs to know.

    prospect: the group in question, None when there is no such group; strangers: of the wanted admins those whom nobody
    knows.
    """

    network: Network | None
    prospect: Prospect | None = None
    strangers: tuple[str, ...] = ()


async def create(journal: Journal, ask: Ask, *, name: str, reason: Reason, dormant_after: int) -> Result:
    """Create a network; the caller is its first admin."""
    body = {"name": name, "reason": reason, "dormant_after": dormant_after}
    asked = ask(name=CREATE, aggregate="", body=body)
    return await journal.run(replace(asked, aggregate=derived_id("network", asked.id)))


async def change(journal: Journal, ask: Ask, network_id: str, *, version: Seen, changes: dict[str, Any]) -> Result:
    """Edit the network as the caller saw it at `version`."""
    return await journal.run(ask(name=CHANGE, aggregate=network_id, body={"version": version, "changes": changes}))


async def welcome(journal: Journal, ask: Ask, network_id: str, group_id: str) -> Result:
    """Invite a group, or answer to what it asks."""
    return await _both(journal, ask(name=WELCOME, aggregate=network_id, body={"group_id": group_id}))


async def accept(journal: Journal, ask: Ask, network_id: str, group_id: str) -> Result:
    """Say yes to a group that asks."""
    return await _both(journal, ask(name=ACCEPT, aggregate=network_id, body={"group_id": group_id}))


async def put_out(journal: Journal, ask: Ask, network_id: str, group_id: str) -> Result:
    """Have the group no more."""
    return await _both(journal, ask(name=PUT_OUT, aggregate=network_id, body={"group_id": group_id}))


async def _both(journal: Journal, command: Command) -> Result:
    """What the network's decision came to and, where the group has its part in it, what that one did.

    The group's part is handed over by the network's transaction; here it is only waited for.
    """
    result = await journal.run(command)
    if result.refused is not None:
        return result
    follows = _follows(command, result.answer)
    if follows is not None:
        return await journal.run(follows)
    return replace(result, answer={name: value for name, value in result.answer.items() if name != "follows"})


def _follows(command: Command, answer: Answer) -> Command | None:
    """The group's part of a decision that came to this answer."""
    group_id = answer["group_id"]
    match answer.get("follows"):
        case "enter":
            return enters(command, group_id)
        case "out":
            return put_out_command(command, group_id)
    return None


def follow(command: Command, outcome: Outcome[Sphere]) -> Sequence[Command]:
    """The group's part, to be handed over."""
    follows = _follows(command, outcome.answer) if "follows" in outcome.answer else None
    return [] if follows is None else [follows]


def decide_create(sphere: Sphere, command: Command, now: datetime) -> Outcome[Sphere]:
    """The same command is decided once: there cannot be such a network yet."""
    facts = networks.create(command.aggregate, command.actor or "", **command.body)
    return replace(_edited(sphere, facts, now), created=True)


def decide_change(sphere: Sphere, command: Command, now: datetime) -> Outcome[Sphere]:
    if sphere.network is None:
        return refused(sphere, NO_NETWORK)
    body = command.body
    changes = {name: tuple(value) if name == "admins" else value for name, value in body["changes"].items()}
    version = version_seen(body["version"], sphere.network.version)
    facts = networks.change(
        sphere.network, command.actor or "", version=version, changes=changes, strangers=sphere.strangers
    )
    return refused(sphere, facts) if isinstance(facts, Refused) else _edited(sphere, facts, now)


def decide_forget(sphere: Sphere, command: Command, now: datetime) -> Outcome[Sphere]:
    if sphere.network is None:
        return refused(sphere, NO_NETWORK)
    return _edited(sphere, networks.forget(sphere.network, command.actor or ""), now)


Rule = Callable[[Network, str, Prospect], list[Fact] | Refused]


def _decide(rule: Rule, sphere: Sphere, command: Command, now: datetime) -> Outcome[Sphere]:
    """What a rule says of a group. A yes to one that wants to come in follows it there, and so does a no."""
    network, prospect = sphere.network, sphere.prospect
    if network is None:
        return refused(sphere, NO_NETWORK)
    if prospect is None:
        return refused(sphere, NO_GROUP)
    facts = rule(network, command.actor or "", prospect)
    if isinstance(facts, Refused):
        return refused(sphere, facts)
    after = _evolved(network, facts, now)
    kinds = {type(fact) for fact in facts}
    ends = not kinds.isdisjoint({networks.PutOut, networks.WelcomeEnded})
    welcome = not ends and (prospect.welcome or networks.Welcomed in kinds)
    standing = prospect.affiliation.standing(network.id, welcome=welcome)
    comes = welcome and standing != "chapter" and (prospect.leads or prospect.asks(network))
    follows = "out" if networks.PutOut in kinds else "enter" if comes else None
    answer = {**chapter_answer(network.id, prospect.group_id, standing), "follows": follows}
    return Outcome(replace(sphere, network=after, prospect=replace(prospect, welcome=welcome)), facts, answer)


def _edited(sphere: Sphere, facts: Sequence[Fact], now: datetime) -> Outcome[Sphere]:
    network = _evolved(sphere.network, facts, now)
    if network is None:
        raise ValueError("a network comes of its creation")
    return Outcome(replace(sphere, network=network), facts, network_answer(network))


def _evolved(network: Network | None, facts: Sequence[Fact], now: datetime) -> Network | None:
    for fact in facts:
        network = networks.evolve(network, fact, now)
    return network


ACTS: Final[Mapping[str, Callable[[Sphere, Command, datetime], Outcome[Sphere]]]] = {
    WELCOME: partial(_decide, networks.welcome),
    ACCEPT: partial(_decide, networks.accept),
    PUT_OUT: partial(_decide, networks.put_out),
    RELEASE: partial(_decide, networks.release),
}
"""How each step with a group is decided, by the name of its command."""
