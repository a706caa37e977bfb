"""Many people who come to a group and look at it: by the driver of `convene load`, each with a request of their own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic_core import from_json

from convene.load.driver import Driver
from convene.load.ledger import Try
from convene.load.wire import Answer, Connection, change, get

PATIENCE = 60.0


@dataclass(slots=True)
class Coming:
    """One person who joins. due: when they come, in seconds after the first; answer: its HTTP status, 0 = none came.

    state: of their membership, as it was answered; seconds: from when they came to the answer.
    """

    member_id: str
    due: float
    answer: int = 0
    state: str = ""
    seconds: float = 0.0
    tries: list[Try] = field(default_factory=list)

    @property
    def is_in(self) -> bool:
        return self.answer in {200, 201} and self.state == "active"


class Own(NamedTuple):
    """One of a member's own groups, and what they are in it."""

    group_id: str
    state: str
    role: str
    member_count: int | None


@dataclass(frozen=True, slots=True)
class Crowd:
    """url: of groups; tokens: by member; at_once: requests under way at most; step: told how many more are done."""

    url: str
    tokens: Mapping[str, str]
    at_once: int
    step: Callable[[str, int], None]

    async def join(self, group_id: str, members: Iterable[str], *, rate: float) -> list[Coming]:
        """So many a second, whether or not those before them are in: an open loop."""
        driver = Driver(self.url, at_once=self.at_once, patience=PATIENCE)
        path = f"/v1/groups/{group_id}/membership"
        comings = [Coming(member_id, number / rate) for number, member_id in enumerate(members)]

        async def come(connection: Connection, coming: Coming) -> None:
            await driver.until(coming.due)
            request = change("PUT", path, self.tokens[coming.member_id], f"grow-{coming.member_id}", b"{}")
            answer = await driver.ask(connection, request, coming.tries)
            if answer is not None:
                coming.answer, coming.seconds = answer.status, driver.now - coming.due
                coming.state = from_json(answer.body).get("state", "")
            self.step("join", 1)

        await driver.play(come, comings)
        return comings

    async def own_groups(self, members: Iterable[str]) -> dict[str, list[Own] | str]:
        """What each of them is shown as their own; a text that says what they heard instead where that is no list."""
        driver = Driver(self.url, at_once=self.at_once, patience=PATIENCE)
        shown: dict[str, list[Own] | str] = {}

        async def look(connection: Connection, member_id: str) -> None:
            tries: list[Try] = []
            answer = await driver.ask(connection, get("/v1/members/me/groups?limit=100", self.tokens[member_id]), tries)
            shown[member_id] = f"no answer after {len(tries)} tries" if answer is None else _own(answer)
            self.step("look", 1)

        await driver.play(look, members)
        return shown


def _own(answer: Answer) -> list[Own] | str:
    if answer.status != 200:
        return f"{answer.status} {answer.body[:200]!r}"
    return [
        Own(one["group_id"], one["state"], one["role"], one["group"].get("member_count"))
        for one in from_json(answer.body)["items"]
    ]
