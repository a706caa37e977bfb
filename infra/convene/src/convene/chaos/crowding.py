"""The requests of a round: a share of the events and of the people."""

import asyncio
from dataclasses import dataclass, field, replace

from convene.acting.platform import Platform as Outside
from convene.load import Field, Setting
from convene.load.ledger import Line

ASKED_AGAIN = 200


@dataclass(slots=True)
class Counted:
    """How many requests have been answered, and who waits for how many."""

    done: int = 0
    _waiting: list[tuple[int, asyncio.Event]] = field(default_factory=list)

    def step(self, more: int) -> None:
        self.done += more
        for number, reached in self._waiting:
            if self.done >= number:
                reached.set()

    async def reach(self, number: int) -> None:
        """Until so many have been answered."""
        reached = asyncio.Event()
        self._waiting.append((number, reached))
        self.step(0)
        await reached.wait()


def whole(setting: Setting, rounds: int) -> Setting:
    """What must be prepared for so many rounds."""
    return replace(setting, events=setting.events * rounds, members=setting.members * rounds)


def share(whole_field: Field, setting: Setting, number: int, rounds: int) -> Field:
    """The events and people of one round. Those who get mail are spread over all rounds."""
    events = whole_field.events[number * setting.events : (number + 1) * setting.events]
    return replace(whole_field, events=events, members=whole_field.members[number::rounds])


async def other_answers(outside: Outside, apis: list[str], lines: list[Line]) -> int:
    """Repeats of accepted requests under their keys, through any replica, that hear something else."""
    accepted = [line for line in lines if line.outcome == "accepted"]
    chosen = accepted[:: max(1, len(accepted) // ASKED_AGAIN)]
    others = 0
    for index, line in enumerate(chosen):
        there = replace(outside, addresses={**outside.addresses, "events": apis[index % len(apis)]})
        person = there.person(line.asker)
        found = await person.call(line.method, "events", line.path, line.body, key=line.key, if_match=line.version)
        others += (found.get("status"), found.get("seq")) != (line.status, line.seq)
    return others
