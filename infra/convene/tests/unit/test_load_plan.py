"""What a crowd asks is decided by its seed; a ledger that was kept is the same again."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from convene.load.field import promotion
from convene.load.kept import keeping, read_ledger
from convene.load.ledger import Ledger, Try
from convene.load.plan import other_body, plan
from convene.load.run import share
from convene.load.setting import Field, Setting
from convene.parts.trouble import Unavailable

SETTING = Setting(events=10, members=50, requests=400, late=0.2, rate=100.0)
FIELD = Field("g", "host", [f"e{n}" for n in range(10)], [f"m{n}" for n in range(50)], [])


def test_the_same_seed_asks_the_same() -> None:
    assert plan(SETTING, FIELD) == plan(SETTING, FIELD)
    assert plan(SETTING, FIELD) != plan(replace(SETTING, seed=8), FIELD)


def test_nobody_says_the_same_twice_in_a_row() -> None:
    said: dict[tuple[str, str], str] = {}
    for line in plan(SETTING, FIELD):
        pair = (line.member_id, line.event_id)
        assert line.response != said.get(pair, "no")
        said[pair] = line.response


def test_somebody_comes_with_other_guests() -> None:
    said: dict[tuple[str, str], tuple[str, int]] = {}
    others = 0
    for line in plan(replace(SETTING, change=0.2, guests=0.5), FIELD):
        pair, says = (line.member_id, line.event_id), (line.response, line.guests)
        assert says != said.get(pair, ("no", 0))
        others += said.get(pair, ("no", 0))[0] == line.response == "yes"
        said[pair] = says
    assert others > 40


def test_all_that_people_do_is_in_it() -> None:
    lines = plan(SETTING, FIELD)
    pairs = Counter((line.member_id, line.event_id) for line in lines)
    assert len(lines) == SETTING.requests
    assert {line.also for line in lines} == {"first", "twin", "repeat", "other"}
    assert {line.guests for line in lines} == {0, 1, 2}
    assert max(pairs.values()) >= 3, "somebody comes back after a no"


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_replicas_share_the_requests(parts: int) -> None:
    fields = [replace(FIELD, members=FIELD.members[number::parts]) for number in range(parts)]
    shares = [share(SETTING, mine, number, parts) for number, mine in enumerate(fields)]
    assert sum(one.requests for one in shares) == SETTING.requests
    assert sum(one.members for one in shares) == SETTING.members
    assert sum(one.rate or 0.0 for one in shares) == pytest.approx(SETTING.rate)
    keys = [line.key for own, mine in zip(shares, fields, strict=True) for line in plan(own, mine)]
    assert len(set(keys)) == len(keys)


def test_where_it_is_mixed_people_move_up_in_every_way() -> None:
    said = [promotion(replace(SETTING, promotion="mixed", offer_ttl=2), number)["promotion"] for number in range(4)]
    assert [(one["mode"], one["confirm_within"]) for one in said] == [
        ("offer", "PT0S"),
        ("instant", "PT0S"),
        ("manual", "PT0S"),
        ("instant", "P60D"),
    ]
    assert {one["offer_ttl"] for one in said} == {"PT2S"}
    assert promotion(SETTING, 0) == {}


def test_latecomers_come_last() -> None:
    lines = plan(SETTING, FIELD)
    late = {f"m{n}" for n in range(40, 50)}
    places = [place for place, line in enumerate(lines) if line.member_id in late]
    assert places
    assert min(places) >= SETTING.requests - SETTING.requests * SETTING.late


def test_arrivals_keep_the_rate() -> None:
    assert [line.due for line in plan(SETTING, FIELD)][:3] == [0.0, 0.01, 0.02]


def test_the_other_body_is_another_one() -> None:
    for line in plan(SETTING, FIELD):
        assert other_body(line) != (line.response, line.guests)


def test_a_small_crowd_ends_when_all_is_said() -> None:
    setting = Setting(events=1, members=2, requests=50, cancel=0.0, again=0.0)
    field = Field("g", "host", ["e"], ["a", "b"], [])
    assert [line.response for line in plan(setting, field)][:2] == ["yes", "yes"]


def test_a_kept_ledger_is_the_same_again(tmp_path: Path) -> None:
    lines = plan(SETTING, FIELD)
    lines[0] = replace(lines[0], outcome="accepted", status="yes", seq=1, tries=[Try(0.1, 0.2, 201, "first")])
    ledger = Ledger([replace(one, heard=(201, 7)) for one in lines], 3.5)
    with keeping(tmp_path / "ledger") as keeper:
        keeper.begin(SETTING, FIELD)
        for line in ledger.lines:
            keeper.keep(line)
        keeper.end(ledger)
    assert read_ledger(tmp_path / "ledger") == (SETTING, FIELD, ledger)


def test_a_ledger_cut_short_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    lines = plan(SETTING, FIELD)[:2]
    with keeping(path) as keeper:
        keeper.begin(SETTING, FIELD)
        for line in lines:
            keeper.keep(line)
    path.write_bytes(path.read_bytes()[:-5])
    assert read_ledger(path)[2].lines == lines[:1]


@pytest.mark.parametrize("text", [b"", b"{}\n", b"no json\n"])
def test_another_file_is_no_ledger(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(text)
    with pytest.raises(Unavailable, match="no ledger"):
        read_ledger(path)
