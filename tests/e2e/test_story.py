"""The demo's acts, and what everybody was told, against a running platform."""

from secrets import token_hex

import pytest

from convene.acting.acts import ACTS
from convene.acting.counting import counts
from convene.acting.listening import listening
from convene.acting.platform import Platform as Outside
from convene.acting.story import Stage
from convene.commands.seed import today


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
async def test_what_an_act_causes_is_what_everybody_sees(outside: Outside, act: object) -> None:
    said: list[str] = []
    async with listening(outside, lambda rsvp: None) as heard:
        stage = Stage(outside, heard, said.append, token_hex(3))
        event_id = await act(stage, today())  # type: ignore[operator]  # an act
        found = await counts(stage, [event_id])
    assert [one for one in found if not one.agrees] == []
