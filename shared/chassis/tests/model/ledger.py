"""The model's service: accounts that count, hold a unique name, work in steps, and look at a consumer's projection."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from chassis.journal import Command, Decider, Deciders, Documents, Outcome, Outgoing, Personal, Read, Ref, Told
from chassis.mongo import Document

ACCOUNTS = "accounts"
SEEN = "seen"
TOPIC = "events.rsvp.v1"
OTHER_TOPIC = "events.join.v1"
NAMES = ("account.act", "account.newer")

State = tuple[Document, int]
OWN = Personal(lambda command: command.aggregate, body=("secret",), answer=("secret",))


@dataclass(frozen=True, slots=True)
class Acted:
    """What a command did to its account; `name` is the unique name held afterwards."""

    by: str
    total: int
    name: str | None
    seen: int
    secret: str = field(default="", metadata={"personal": True})


def act(id_: str, aggregate: str, *, key: str | None = None, **body: object) -> Command:
    """Body:

    limit: refused at this total; idle: changes nothing; name: claim a unique name, "" to release; spread: accounts that
    follow; steps: continuations to come; look: answer with the projection; broken, broken_reads: fail in releases below
    this one; also: a message under a second subject; secret: the account's own text, in its fact and its answer.
    """
    return Command(id_, "account.act", aggregate, dict(body), fingerprint=key)


def deciders(release: int) -> Deciders:
    """The table of one release; the older one does not know the newer command."""

    def reads(command: Command, documents: Documents) -> Iterable[Read]:
        if release < int(command.body.get("broken_reads", 0)):
            raise KeyError("the reads are broken")
        return [Ref(ACCOUNTS, command.aggregate), *([Ref(SEEN, "seen")] if "look" in command.body else [])]

    def decide(state: State, command: Command, now: datetime) -> Outcome[State]:
        if release < int(command.body.get("broken", 0)):
            raise ZeroDivisionError("the decision is broken")
        return _decide(state, command)

    decider: Decider[State] = Decider(ACCOUNTS, reads, _load, decide, _save, _tell, OWN)
    return dict.fromkeys(NAMES[:release], decider)


def _load(command: Command, documents: Documents) -> State:
    account = documents.get(ACCOUNTS, command.aggregate) or {"_id": command.aggregate, "total": 0, "name": None}
    seen = documents.get(SEEN, "seen") if "look" in command.body else None
    return account, 0 if seen is None else seen["count"]


def _decide(state: State, command: Command) -> Outcome[State]:
    account, seen = state
    if account["total"] >= command.body.get("limit", 2**31):
        return Outcome(state, refused="full", detail="The account is full.", answer={"total": account["total"]})
    if command.body.get("idle"):
        return Outcome(state, answer={"total": account["total"]})
    total = account["total"] + 1
    name = command.body["name"] or None if "name" in command.body else account["name"]
    secret = command.body.get("secret", "")
    return Outcome(
        ({**account, "total": total, "name": name}, seen),
        facts=[Acted(command.id, total, name, seen, secret)],
        answer={"total": total, "seen": seen, "secret": secret},
        created=total == 1,
    )


def _save(command: Command, documents: Documents, outcome: Outcome[State], now: datetime) -> None:
    documents.put(ACCOUNTS, outcome.state[0])


def _tell(command: Command, outcome: Outcome[State], now: datetime) -> Told:
    body = command.body
    subjects = [(TOPIC, command.aggregate)]
    if body.get("also"):
        subjects += [(OTHER_TOPIC, f"{command.aggregate}'s"), (TOPIC, command.aggregate)]
    messages = [
        Outgoing(topic, "convene.model.acted.v1", subject, command.id, command.aggregate, f'"{command.id}"')
        for topic, subject in ([] if body.get("silent") else subjects)
    ]
    return Told(messages, children(command))


def children(command: Command) -> list[Command]:
    """What a command causes."""
    body = command.body
    found = [command.child("account.act", other, {}, tag=str(i)) for i, other in enumerate(body.get("spread", ()))]
    if body.get("steps", 0) > 0:
        step = {"steps": body["steps"] - 1}
        found.append(command.child("account.act", command.aggregate, step, first=True))
    return found
