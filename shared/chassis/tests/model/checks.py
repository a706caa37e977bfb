"""What must be true when everything has come to rest."""

from collections import defaultdict
from itertools import pairwise

from chassis.ids import derived_id
from chassis.journal import HANDOFFS, Command, Failed, Mismatch, Result
from chassis.journal.generation import GENERATION, Generation
from chassis.journal.keyring import unseal
from chassis.journal.shape import JOURNAL, KEYS, LANES, RESULTS
from chassis.mongo import Document
from chassis.sealing import Sealer
from model.ledger import ACCOUNTS, children
from model.workload import Workload
from model.world import World


class Wrong(AssertionError):
    """The model found the journal out."""


def must(true: object, what: str) -> None:
    if not true:
        raise Wrong(what)


def everything(world: World, workload: Workload) -> None:
    batches = world.mongod.find(None, JOURNAL, {}, sort=[("_id", 1)])
    results = {result["_id"]: result for result in world.mongod.find(None, RESULTS, {})}
    must(not world.loop.broken, f"broken steps: {world.loop.broken}")
    contiguous(world, batches)
    entries = [entry for batch in batches for entry in batch["entries"]]
    once(entries, results)
    hidden(world)
    told = {id_: opened(world, result) for id_, result in results.items()}
    answers(workload, told)
    folded(world, entries)
    numbered(entries)
    in_line(workload, entries, results)
    continued(workload, entries)
    spread_out(workload, batches, results)
    must(not world.mongod.find(None, HANDOFFS, {}), "handoffs are left")


def contiguous(world: World, batches: list[Document]) -> None:
    for lane in sorted({batch["_id"]["lane"] for batch in batches}):
        own = [batch for batch in batches if batch["_id"]["lane"] == lane]
        must([batch["_id"]["n"] for batch in own] == list(range(1, len(own) + 1)), f"a lane has a gap: {lane}")
        times = [batch["at"] for batch in own]
        must(all(a < b for a, b in pairwise(times)), f"time goes back: lane {lane}")
        must(not any("seal" in batch for batch in own[:-1]), f"a batch after the seal: lane {lane}")
        must(lane in in_force(world).names or "seal" in own[-1], f"a lane goes on, and others are in force: {lane}")


def in_force(world: World) -> Generation:
    (stored,) = world.mongod.find(None, LANES, {"_id": GENERATION})
    return Generation(stored["generation"], stored["lanes"])


def once(entries: list[Document], results: dict[str, Document]) -> None:
    """Each command at most once, and its result says what its entry says."""
    by: dict[str, Document] = {}
    for entry in entries:
        id_ = entry["command_id"]
        must(id_ not in by, f"decided twice: {id_}")
        by[id_] = entry
        must(id_ in results, f"an entry without a result: {id_}")
        must(results[id_]["answer"]["total"] == entry["facts"][0]["total"], f"the result is another one: {id_}")
        must(results[id_]["refused"] is None, f"refused, with an entry: {id_}")
    for id_, result in results.items():
        changed = result["refused"] is None and "seen" in result["answer"]
        must(not changed or id_ in by, f"a result without an entry: {id_}")


def opened(world: World, result: Document) -> Document:
    """A result as its caller is told it."""
    if "personal" not in result:
        return result
    (key,) = world.mongod.find(None, KEYS, {"_id": result["personal"]["of"]})
    answer = unseal(Sealer([key["key"]], "journal"), result["answer"], result["personal"]["fields"], result["_id"])
    return {**result, "answer": answer}


def hidden(world: World) -> None:
    """Nobody's own text is readable anywhere but in their documents."""
    for collection in (JOURNAL, RESULTS):
        kept = repr(world.mongod.find(None, collection, {}))
        must("mine " not in kept, f"somebody's text is readable in {collection}")


def answers(workload: Workload, results: dict[str, Document]) -> None:
    """No two answers contradict, and what was acknowledged is there."""
    for heard in workload.heard:
        id_, result = heard.command.id, results.get(heard.command.id)
        if isinstance(heard.said, Result):
            must(result is not None, f"acknowledged and lost: {id_}")
            must(result is not None and Result.of(result) == heard.said, f"answered in two ways: {id_}")
            must(result is not None and result["fingerprint"] == heard.command.fingerprint, f"another's answer: {id_}")
        elif isinstance(heard.said, Mismatch):
            told = result is not None and result["fingerprint"] != heard.command.fingerprint
            must(told, f"a mismatch with the body that was decided: {id_}")
        elif isinstance(heard.said, Failed):
            breaks = {"broken", "broken_reads"} & heard.command.body.keys()
            must(breaks, f"failed without a cause: {id_}: {heard.said}")


def folded(world: World, entries: list[Document]) -> None:
    """Documents are the fold of the facts; a unique name has one holder."""
    accounts: dict[str, Document] = {}
    for entry in entries:
        account = accounts.setdefault(entry["aggregate"], {"total": 0, "name": None, "sequence": 0})
        (fact,) = entry["facts"]
        must(fact["total"] == account["total"] + 1, f"a decision did not see what came before: {entry['command_id']}")
        must(entry["sequence"] == account["sequence"] + 1, f"a sequence has a gap: {entry['aggregate']}")
        account |= {"total": fact["total"], "name": fact["name"], "sequence": entry["sequence"]}
        accounts[entry["aggregate"]] = account
    stored = {document["_id"]: document for document in world.mongod.find(None, ACCOUNTS, {})}
    must(stored.keys() == accounts.keys(), "the accounts are not those of the journal")
    for id_, account in accounts.items():
        found = {name: stored[id_][name] for name in ("total", "name")} | {
            "sequence": stored[id_]["journal"]["sequence"]
        }
        must(found == account, f"a document is not the fold of its facts: {id_} is {found}, the journal says {account}")
    names = [account["name"] for account in accounts.values() if account["name"]]
    must(len(names) == len(set(names)), "a unique name has two holders")


def numbered(entries: list[Document]) -> None:
    """Messages of one subject count without a gap."""
    last: dict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        for message in entry["messages"]:
            where = (message["topic"], message["subject"])
            must(
                message["sequence"] == last[where] + 1,
                f"messages have a gap: {where}: {message['sequence']} after {last[where]}",
            )
            last[where] += 1


def in_line(workload: Workload, entries: list[Document], results: dict[str, Document]) -> None:
    """What was handed over without a deadline is decided, and of one subject and aggregate in order."""
    must(all(id_ in results for id_ in workload.handed), "a handoff was never decided")
    must(not (workload.gone - workload.asked) & results.keys(), "a command was decided after its caller had gone")
    place = {entry["command_id"]: index for index, entry in enumerate(entries)}
    for line in workload.lines:
        must(all(command.id in results for command in line.commands), f"not all of a line is decided: {line.name}")
        for aggregate in {command.aggregate for command in line.commands}:
            own = [place[c.id] for c in line.commands if c.aggregate == aggregate and c.id in place]
            must(own == sorted(own), f"a line was decided out of order: {line.name} for {aggregate}: {own}")


def continued(workload: Workload, entries: list[Document]) -> None:
    """Every child is decided, and a continuation comes before any newcomer of its aggregate."""
    commands = family(workload)
    decided = {entry["command_id"] for entry in entries}
    next_of: dict[str, str] = {}
    for entry in entries:
        command = commands[entry["command_id"]]
        due = next_of.pop(command.aggregate, None)
        must(due in (None, command.id), f"a continuation was overtaken: {command.id} of {command.aggregate}")
        for child in children(command):
            must(child.id in decided, f"a child was never decided: {child.id} of {command.id}")
            if child.first:
                next_of[command.aggregate] = child.id


def spread_out(workload: Workload, batches: list[Document], results: dict[str, Document]) -> None:
    """All that one command causes is handed over before anything else happens to the aggregate that causes it."""
    commands = family(workload)
    entries = [(batch["at"], entry) for batch in batches for entry in batch["entries"]]
    for place, (_, entry) in enumerate(entries):
        aggregate, sequence = entry["aggregate"], str(entry["sequence"])
        later = next((at for at, other in entries[place + 1 :] if other["aggregate"] == aggregate), None)
        for done in range(1, len(children(commands[entry["command_id"]]))):
            rest = results.get(derived_id("spread", aggregate, sequence, str(done)))
            must(rest is not None, f"the rest of a spread was lost: {entry['command_id']}")
            in_time = rest is not None and (later is None or rest["at"] <= later)
            must(in_time, f"a spread was overtaken: {entry['command_id']} of {aggregate}")


def family(workload: Workload) -> dict[str, Command]:
    """All commands that were given, with all they can cause."""
    found: dict[str, Command] = {}
    open_ = list(workload.commands.values())
    while open_:
        command = open_.pop()
        found[command.id] = command
        open_ += children(command)
    return found
