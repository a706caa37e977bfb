"""Commands about a group's place in networks, and how they are decided. The aggregate is the group."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.port import Ask, Journal
from groups_service.domain import chapter as chapters
from groups_service.domain.chapter import Fact, NetworkDeclined, NetworkLeft, Side, Standing
from groups_service.domain.refusal import Refused
from groups_service.handlers.answer import Answer
from groups_service.handlers.group import Decide, Situation, decided

ASK: Final = "chapter.ask"
ACCEPT: Final = "chapter.accept"
LEAVE: Final = "chapter.leave"
ENTER: Final = "chapter.enter"
PUT_OUT: Final = "chapter.put-out"
RELEASE: Final = "network.release"


async def ask_network(journal: Journal, ask: Ask, group_id: str, network_id: str) -> Result:
    """A leader asks the network to have the group."""
    return await journal.run(ask(name=ASK, aggregate=group_id, body={"network_id": network_id}))


async def accept(journal: Journal, ask: Ask, group_id: str, network_id: str) -> Result:
    """A leader takes the network's invitation."""
    return await journal.run(ask(name=ACCEPT, aggregate=group_id, body={"network_id": network_id}))


async def leave(journal: Journal, ask: Ask, group_id: str, network_id: str) -> Result:
    """A leader leaves, takes an ask back, or declines."""
    return await journal.run(ask(name=LEAVE, aggregate=group_id, body={"network_id": network_id}))


def enters(cause: Command, group_id: str) -> Command:
    """The network has said yes to a group that wants to come in."""
    return cause.child(ENTER, group_id, {"network_id": cause.aggregate})


def put_out_command(cause: Command, group_id: str) -> Command:
    """The network has said no."""
    return cause.child(PUT_OUT, group_id, {"network_id": cause.aggregate})


def releases(cause: Command, facts: Iterable[object]) -> list[Command]:
    """The networks whose welcome is used up or declined hear of it."""
    left = [fact for fact in facts if isinstance(fact, NetworkLeft | NetworkDeclined)]
    return [cause.child(RELEASE, fact.network_id, {"group_id": fact.group_id}) for fact in left]


def chapter_answer(network_id: str, group_id: str, standing: Standing) -> Answer:
    return {"network_id": network_id, "group_id": group_id, "state": standing}


Rule = Callable[[Side], list[Fact] | Refused]


def _decide(rule: Rule, situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    network_id, actor = command.body["network_id"], command.actor or ""
    outcome = decided(
        situation,
        now,
        lambda circle: rule(
            Side(
                affiliation=circle.there.affiliation,
                actor=circle.who(actor),
                network_id=network_id,
                closed=circle.there.status == "closed",
                welcome=situation.welcome,
            )
        ),
    )
    if outcome.refused is not None:
        return outcome
    welcome = situation.welcome and not any(isinstance(f, NetworkLeft | NetworkDeclined) for f in outcome.facts)
    standing = outcome.state.circle.there.affiliation.standing(network_id, welcome=welcome)
    return replace(outcome, answer=chapter_answer(network_id, command.aggregate, standing))


ACTS: Final[Mapping[str, Decide]] = {
    ASK: partial(_decide, chapters.ask),
    ACCEPT: partial(_decide, chapters.accept),
    LEAVE: partial(_decide, chapters.leave),
    ENTER: partial(_decide, chapters.enter),
    PUT_OUT: partial(_decide, chapters.put_out),
}
"""How each of the group's own steps is decided, by the name of its command."""
