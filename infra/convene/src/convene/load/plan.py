"""Who asks what, and when: the requests of a run, from its seed alone."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

from convene.load.ledger import Line, What
from convene.load.setting import Field, Setting

T = TypeVar("T")
Pair = tuple[str, str]


def plan(setting: Setting, field: Field) -> list[Line]:
    """In order of arrival. A person who said yes may say no, and then yes again, or yes with other guests.

    Fewer than asked for when there is nobody left to say anything.
    """
    random = Random(setting.seed)
    late = int(setting.requests * setting.late)
    punctual = _pairs(random, field.members[: setting.punctual], field.events, setting.requests)
    latecomers = _pairs(random, field.members[setting.punctual :], field.events, late)
    lines: list[Line] = []
    came: list[Pair] = []
    left: list[Pair] = []
    brings: dict[Pair, int] = {}
    for number in range(setting.requests):
        chance = random.random()
        pair, response, changes = None, "yes", False
        if came and chance < setting.cancel:
            pair, response = _take(random, came), "no"
        elif left and setting.cancel <= chance < setting.cancel + setting.again:
            pair = _take(random, left)
        elif came and setting.cancel + setting.again <= chance < setting.cancel + setting.again + setting.change:
            pair, changes = _take(random, came), True
        else:
            pair = next(latecomers if number >= setting.requests - late else punctual, None)
        if pair is None and came:
            pair, response = _take(random, came), "no"
        elif pair is None and left:
            pair = _take(random, left)
        if pair is None:
            break
        (came if response == "yes" else left).append(pair)
        guests = random.choice((1, 2)) if response == "yes" and random.random() < setting.guests else 0
        if changes:
            guests = random.choice([number for number in range(3) if number != brings[pair]])
        brings[pair] = guests
        due = 0.0 if setting.rate is None else number / setting.rate
        key = f"load-{setting.seed}-{number}"
        lines.append(Line(*pair, response, guests, key, also(setting, random.random()), due))
    return lines


def other_body(line: Line) -> tuple[str, int]:
    """What the key was not used for: response and guests."""
    return ("yes", 0) if line.response == "no" else ("yes", line.guests + 1)


def also(setting: Setting, chance: float) -> What:
    """What is sent under the same key besides."""
    if chance < setting.double:
        return "twin"
    if chance < setting.double + setting.repeat:
        return "repeat"
    return "other" if chance < setting.double + setting.repeat + setting.other else "first"


def _pairs(random: Random, members: Sequence[str], events: Sequence[str], most: int) -> Iterator[Pair]:
    """Different pairs by chance, at most so many; they are never all held."""
    number = len(members) * len(events)
    for place in random.sample(range(number), min(number, most)):
        member, event = divmod(place, len(events))
        yield members[member], events[event]


def _take(random: Random, some: list[T]) -> T:
    """One by chance; the last takes its place."""
    place = random.randrange(len(some))
    some[place], some[-1] = some[-1], some[place]
    return some.pop()
