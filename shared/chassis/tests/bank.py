"""The smallest service there can be, for the journal's tests: accounts that count, with a limit and unique labels."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.ids import random_id
from chassis.journal import Command, Decider, Deciders, Documents, Outcome, Outgoing, Personal, Query, Read, Ref, Told
from chassis.mongo import Database, Document

ACCOUNTS = "accounts"
LINES = "lines"


@dataclass(frozen=True, slots=True)
class Added:
    account: str
    line: str
    total: int
    note: str = field(default="", metadata={"personal": True})


State = tuple[Document, Document]


def add(account: str, *, id_: str | None = None, name: str = "account.add", **body: Any) -> Command:
    """label: unique over all accounts; limit: totals at or above it are refused; spread: accounts that follow; note:
    the account's own text, and secret: what is shown once, with `account.note`; tell: accounts that get such a note."""
    return Command(id_ or random_id(), name, account, body)


def _line(command: Command) -> str:
    return f"{command.aggregate}:{command.id}"


def _reads(command: Command, documents: Documents) -> list[Read]:
    return [Ref(ACCOUNTS, command.aggregate), Ref(LINES, _line(command))]


def _load(command: Command, documents: Documents) -> State:
    account = documents.get(ACCOUNTS, command.aggregate) or {"_id": command.aggregate, "total": 0}
    line = {"_id": _line(command), "account": command.aggregate, "label": command.body.get("label", command.id)}
    return account, line


def _decide(state: State, command: Command, now: datetime) -> Outcome[State]:
    account, line = state
    if command.body.get("broken"):
        raise ZeroDivisionError("the decision is broken")
    if account["total"] >= command.body.get("limit", 2**31):
        return Outcome(state, refused="full", detail="The account is full.", answer={"total": account["total"]})
    body = command.body
    total = account["total"] + body.get("amount", 1)
    fact = Added(account["_id"], line["_id"], total, body.get("note", ""))
    return Outcome(
        ({**account, "total": total, "now": now}, {**line, "total": total}),
        facts=[fact],
        answer={"total": total} | {name: body[name] for name in ("note", "secret") if body.get(name)},
    )


def _save(command: Command, documents: Documents, outcome: Outcome[State], now: datetime) -> None:
    account, line = outcome.state
    documents.put(ACCOUNTS, account)
    documents.put(LINES, line)


def _tell(command: Command, outcome: Outcome[State], now: datetime) -> Told:
    """In the words of the topic's own service, so that consumers can take it."""
    said = {"event_id": command.aggregate, "rsvp_id": command.id, "group_id": "g", "member_id": "m", "number": 1}
    said |= {"status": "yes", "guests": 0, "seq": outcome.answer["total"]}
    message = Outgoing(
        topic="events.rsvp.v1",
        type="convene.events.rsvp.confirmed.v1",
        subject=command.aggregate,
        key=command.id,
        partition=command.aggregate,
        value=json.dumps(said | outcome.answer),
    )
    children = [command.child("account.add", other, {}) for other in command.body.get("spread", [])]
    children += [command.child("account.note", other, {"note": "for you"}) for other in command.body.get("tell", [])]
    return Told([message], children)


def recount_query(account: str) -> Query:
    return Query(LINES, (("account", account),), (("_id", 1),), 200)


def _recount_reads(command: Command, documents: Documents) -> list[Read]:
    return [*_reads(command, documents), recount_query(command.aggregate)]


def _recount(state: State, command: Command, now: datetime) -> Outcome[State]:
    return _decide(state, command, now)


DECIDERS: Deciders = {
    "account.add": Decider(ACCOUNTS, _reads, _load, _decide, _save, _tell),
    "account.note": Decider(
        ACCOUNTS,
        _reads,
        _load,
        _decide,
        _save,
        _tell,
        Personal(
            lambda command: command.aggregate,
            body=("note", "secret"),
            answer=("note", "secret"),
            topics=("events.rsvp.v1",),
            once=("secret",),
        ),
    ),
    "account.recount": Decider(ACCOUNTS, _recount_reads, _load, _recount, _save, _tell),
}


async def prepare(database: Database) -> None:
    for name in (ACCOUNTS, LINES):
        await database.ensure_collection(name)
    await database[LINES].create_index([("label", 1)], unique=True)
