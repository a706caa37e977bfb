"""Sealing what the journal writes of people's own text, and opening it where it is read.

Sealed are fields of facts, answers and handed-over bodies, and values of messages; everything else stays readable, so
that the journal can be proved, and says who decided what, when somebody's key is gone. A command without personal text
costs nothing here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from chassis.journal.command import Command
from chassis.journal.decision import Decider, Deciders, Outcome, Told
from chassis.journal.keyring import Keyring, seal, unseal
from chassis.journal.personal import Personal, filled
from chassis.mongo import Document
from chassis.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Spoken:
    """A decided command whose decider says `personal`.

    own: of each of its facts, in their order, the fields that hold somebody's own text.
    """

    command: Command
    own: Sequence[tuple[str, ...]] = ()


Decided = Mapping[str, Spoken]
"""By the command's id."""

FORGOTTEN: Final = "journal.forgotten"
SHOWN_ONCE: Final = timedelta(hours=24)
"""How long a result keeps a secret that is shown once."""

DECIDERS: Final[dict[str, Decider[Any]]] = {
    FORGOTTEN: Decider(
        root="",
        reads=lambda command, documents: (),
        load=lambda command, documents: None,
        decide=lambda state, command, now: Outcome(
            state, refused="forgotten", detail="What was said cannot be read any more."
        ),
        save=lambda command, documents, outcome, now: None,
        tell=lambda command, outcome, now: Told(),
    )
}
"""What becomes of a command whose words can no longer be read: it is answered like any other, and leaves its line."""


@dataclass(frozen=True, slots=True)
class Vault:
    """deciders: which commands hold what is whose."""

    keyring: Keyring
    deciders: Deciders

    async def sealed(
        self,
        entries: Sequence[Document],
        results: Iterable[Document],
        children: Sequence[Command],
        personal: Decided,
    ) -> tuple[list[Document], list[Document], list[Command]]:
        """What a batch writes. The callers of the moment are told what was decided, as it is."""
        written, answers = list(entries), list(results)
        if personal:
            said = {entry["command_id"] for entry in written if self._speaks(entry, personal)}
            told = {result["_id"] for result in answers if self._tells(result, personal)}
            sealers = await self._making(personal[id_].command for id_ in said | told)
            for index, entry in enumerate(written):
                if entry["command_id"] in said:
                    written[index] = self._entry(entry, personal[entry["command_id"]], sealers)
            for index, result in enumerate(answers):
                if result["_id"] in told:
                    answers[index] = self._result(result, personal[result["_id"]].command, sealers)
        return written, answers, await self.commands(children)

    async def answers(self, results: Sequence[Document]) -> list[Document]:
        """Results as they were told. What is said of a member whose key is gone is None."""
        members = {result["personal"]["of"] for result in results if "personal" in result}
        if not members:
            return list(results)
        sealers = await self.keyring.having(members)
        return [
            {
                **result,
                "answer": unseal(
                    sealers.get(result["personal"]["of"]),
                    result["answer"],
                    result["personal"]["fields"],
                    result["_id"],
                ),
            }
            if "personal" in result
            else result
            for result in results
        ]

    async def commands(self, commands: Sequence[Command]) -> list[Command]:
        """Commands as they are handed over."""
        wanted = {command.id: names for command in commands if (names := self._said(command))}
        if not wanted:
            return list(commands)
        sealers = await self._making(command for command in commands if command.id in wanted)
        return [
            replace(
                command,
                body=seal(sealers[self._of(command)], command.body, wanted[command.id], command.id),
                sealed=(self._of(command), tuple(wanted[command.id])),
            )
            if command.id in wanted
            else command
            for command in commands
        ]

    async def opened(self, commands: Sequence[Command]) -> list[Command]:
        """Handed-over commands as they were meant; those of who was forgotten meanwhile are refused."""
        members = {command.sealed[0] for command in commands if command.sealed is not None}
        if not members:
            return list(commands)
        sealers = await self.keyring.having(members)
        return [_opened_command(command, sealers) for command in commands]

    async def _making(self, commands: Iterable[Command]) -> dict[str, Sealer]:
        members = {self._of(command) for command in commands}
        return await self.keyring.making(members) if members else {}

    def _personal(self, command: Command) -> Personal:
        personal = self.deciders[command.name].personal
        if personal is None:
            raise LookupError(command.name)
        return personal

    def _of(self, command: Command) -> str:
        return self._personal(command).of(command)

    def _said(self, command: Command) -> list[str]:
        decider = self.deciders.get(command.name)
        if decider is None or decider.personal is None or command.sealed is not None:
            return []
        return filled(command.body, decider.personal.body)

    def _speaks(self, entry: Document, personal: Decided) -> bool:
        spoken = personal.get(entry["command_id"])
        if spoken is None:
            return False
        topics = self._personal(spoken.command).topics
        return any(filled(fact, own) for fact, own in zip(entry["facts"], spoken.own, strict=True)) or any(
            message["topic"] in topics and message["value"] is not None for message in entry["messages"]
        )

    def _tells(self, result: Document, personal: Decided) -> bool:
        spoken = personal.get(result["_id"])
        return spoken is not None and bool(filled(result["answer"], self._personal(spoken.command).answer))

    def _result(self, result: Document, command: Command, sealers: Mapping[str, Sealer]) -> Document:
        personal, of = self._personal(command), self._of(command)
        names, once = filled(result["answer"], personal.answer), filled(result["answer"], personal.once)
        answer = seal(sealers[of], result["answer"], names, command.id)
        sealed = {**result, "answer": answer, "personal": {"of": of, "fields": names}}
        return {**sealed, "once": {"fields": once, "until": result["at"] + SHOWN_ONCE}} if once else sealed

    def _entry(self, entry: Document, spoken: Spoken, sealers: Mapping[str, Sealer]) -> Document:
        command = spoken.command
        of, topics = self._of(command), self._personal(command).topics
        facts: list[Document] = []
        for place, (fact, own) in enumerate(zip(entry["facts"], spoken.own, strict=True)):
            names = filled(fact, own)
            hidden = seal(sealers[of], fact, names, f"{command.id} {place}")
            facts.append({**hidden, "personal": names} if names else fact)
        messages = [
            {**seal(sealers[of], message, ["value"], _place(message)), "sealed": True}
            if message["topic"] in topics and message["value"] is not None
            else message
            for message in entry["messages"]
        ]
        return {**entry, "facts": facts, "messages": messages, "personal": of}


def _opened_command(command: Command, sealers: Mapping[str, Sealer]) -> Command:
    if command.sealed is None:
        return command
    of, fields = command.sealed
    body = unseal(sealers.get(of), command.body, fields, command.id)
    if any(body[name] is None for name in fields):
        return replace(command, name=FORGOTTEN, body={}, sealed=None)
    return replace(command, body=body, sealed=None)


async def opened_messages(keyring: Keyring, batches: Sequence[Document]) -> list[Document]:
    """Batches with their messages as they are published; of who is forgotten, nothing but a deletion is."""
    members = {entry["personal"] for batch in batches for entry in batch["entries"] if "personal" in entry}
    if not members:
        return list(batches)
    sealers = await keyring.having(members)
    return [{**batch, "entries": [_opened(entry, sealers) for entry in batch["entries"]]} for batch in batches]


def _opened(entry: Document, sealers: Mapping[str, Sealer]) -> Document:
    if "personal" not in entry:
        return entry
    sealer = sealers.get(entry["personal"])
    messages = [
        unseal(sealer, message, ["value"], _place(message)) if message.get("sealed") else message
        for message in entry["messages"]
    ]
    return {**entry, "messages": messages}


async def renumbered(
    keyring: Keyring, entries: Sequence[Document], sequence_of: Callable[[Document], int]
) -> list[Document]:
    """Entries whose messages move to other places of their topics. What nobody can open any more stays so."""
    members = {entry["personal"] for entry in entries if "personal" in entry}
    sealers = await keyring.having(members) if members else {}
    return [
        {
            **entry,
            "messages": [
                _moved(message, sequence_of(message), sealers.get(entry.get("personal", "")))
                for message in entry["messages"]
            ],
        }
        for entry in entries
    ]


def _moved(message: Document, sequence: int, sealer: Sealer | None) -> Document:
    moved = {**message, "sequence": sequence}
    if sealer is None or not message.get("sealed"):
        return moved
    opened = unseal(sealer, message, ["value"], _place(message))
    return moved if is_forgotten(opened) else seal(sealer, {**opened, "sequence": sequence}, ["value"], _place(moved))


def is_forgotten(opened: Document) -> bool:
    """Whether a message, as it is opened, has lost its value with its member's key."""
    return bool(opened.get("sealed")) and opened["value"] is None


def _place(message: Document) -> str:
    """What a message's value is sealed to: the one place on its topic that has this number."""
    return f"{message['topic']} {message['subject']} {message['sequence']}"
