"""How often one may call, who counts as one caller, and what the answers say of it."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from issuer import settings
from notes import House, problem
from pydantic import ValidationError

from chassis import position
from chassis.http.limits import WINDOW, Admission, HeaderPairs, Limit, Rate, network_of
from chassis.http.problems import Problem
from chassis.server import HttpServer


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def told(headers: HeaderPairs) -> tuple[str, str, str]:
    """Limit, remaining, reset."""
    found = {name: value.decode() for name, value in headers}
    return found[b"ratelimit-limit"], found[b"ratelimit-remaining"], found[b"ratelimit-reset"]


def refused(limit: Limit, key: str) -> dict[str, str]:
    with pytest.raises(Problem) as caught:
        limit.enter(key)
    assert caught.value.status_code == 429
    return dict(caught.value.headers or {})


@given(st.lists(st.sampled_from(["ada", "bo", "cy"])))
def test_nobody_reads_more_without_end_than_they_may(readers: list[str]) -> None:
    admission, inside = Admission(2), Counter[str]()
    with ExitStack() as places:
        for reader in readers:
            if inside[reader] < 2:
                places.enter_context(admission.place(reader))
                inside[reader] += 1
            else:
                with pytest.raises(Problem, match="At most 2"):
                    places.enter_context(admission.place(reader))
        assert len(admission) == inside.total()
    assert len(admission) == 0


def test_a_minutes_requests_may_come_at_once_and_then_one_at_a_time() -> None:
    clock = Clock()
    limit = Limit(60, clock)
    for made in range(60):
        assert told(limit.enter("ada")) == ("60", str(59 - made), str(made + 1))
    then = refused(limit, "ada")
    assert then == {"ratelimit-limit": "60", "ratelimit-remaining": "0", "ratelimit-reset": "60", "retry-after": "1"}
    limit.enter("bo")
    clock.now += 1
    limit.enter("ada")
    refused(limit, "ada")
    clock.now += WINDOW
    assert told(limit.enter("ada"))[1] == "59"


def test_retry_after_is_when_the_next_one_is_let_in() -> None:
    clock = Clock()
    limit = Limit(2, clock)
    for _ in range(2):
        limit.enter("ada")
    wait = int(refused(limit, "ada")["retry-after"])
    assert wait == 30
    clock.now += wait - 1
    refused(limit, "ada")
    clock.now += 1
    limit.enter("ada")


def test_a_refused_request_is_not_counted() -> None:
    clock = Clock()
    limit = Limit(1, clock)
    limit.enter("ada")
    for _ in range(100):
        refused(limit, "ada")
    clock.now += WINDOW
    limit.enter("ada")


def test_waiting_counts_by_the_tenth_of_a_second() -> None:
    limit = Limit(60, Clock())
    limit.enter("ada")
    assert told(limit.waited("ada", 0.05))[1] == "59"
    assert told(limit.waited("ada", 2.0))[1] == "39"
    assert told(limit.waited("ada", 60.0))[1] == "0"
    refused(limit, "ada")


def test_a_customers_network_is_one_address() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("no address") == "no address"


def test_memory_is_bounded_and_forgets_who_came_least_lately() -> None:
    limit = Limit(60, Clock(), room=10)
    for _ in range(60):
        limit.enter("busy")
    for other in range(100):
        limit.enter(f"other {other}")
        refused(limit, "busy")
    assert len(limit) <= 20
    assert told(limit.enter("other 99"))[1] == "58"
    assert told(limit.enter("other 1"))[1] == "59"


def test_production_protects_and_development_does_not_stand_in_the_way() -> None:
    assert Rate.of(settings(env="production", oidc_issuer="https://issuer.example")) == Rate(600, 1_200)
    assert Rate.of(settings()) == Rate(1_000_000, 1_000_000)
    assert Rate.of(settings(rate_per_member=5, rate_per_address=6)) == Rate(5, 6)


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "10.0.0.1/8"])
def test_a_proxy_is_an_address_or_a_network(proxies: str) -> None:
    with pytest.raises(ValidationError, match="address or a network"):
        settings(trusted_proxies=proxies)
    assert settings(trusted_proxies="10.0.0.0/8, ::1").trusted_proxies == ("10.0.0.0/8", "::1")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House(rate_per_member=3, rate_per_address=2)
    yield made
    await made.http.aclose()


@pytest.mark.parametrize("route", [("PUT", "/v1/notes/n1"), ("POST", "/v1/notes")], ids=["lean", "framework"])
async def test_every_answer_tells_and_the_one_too_many_is_a_429(house: House, route: tuple[str, str]) -> None:
    for left in (b"2", b"1", b"0"):
        answer = await house.http.request(*route, json={"text": "hi"}, headers=house.me)
        assert answer.status_code == 200
        assert answer.headers["ratelimit-limit"] == "3"
        assert answer.headers["ratelimit-remaining"].encode() == left
        assert 0 < int(answer.headers["ratelimit-reset"]) <= 60
    over = await house.http.request(*route, json={"text": "hi"}, headers=house.me)
    problem(over, 429, "too-many-requests")
    assert 15 <= int(over.headers["retry-after"]) <= 20, "by a real clock, which goes on meanwhile"
    assert (over.headers["ratelimit-limit"], over.headers["ratelimit-remaining"]) == ("3", "0")
    assert over.headers.get_list("ratelimit-limit") == ["3"]
    assert len(house.desk.commands) == 3
    bo = {"authorization": f"Bearer {house.issuer.token('bo')}"}
    assert (await house.http.request(*route, json={"text": "hi"}, headers=bo)).status_code == 200


async def test_refusals_and_404s_count_and_tell_as_well(house: House) -> None:
    assert (await house.http.get("/v1/nowhere", headers=house.me)).headers["ratelimit-remaining"] == "2"
    assert (await house.http.get("/v1/scoped", headers=house.me)).headers["ratelimit-remaining"] == "1"


async def test_bad_tokens_are_counted_by_address(house: House) -> None:
    for _ in range(2):
        headers = {"authorization": f"Bearer {house.issuer.token('ada', aud='elsewhere')}"}
        problem(await house.http.get("/v1/scoped", headers=headers), 401, "unauthenticated")
    problem(await house.http.get("/v1/scoped", headers=headers), 429, "too-many-requests")
    problem(await house.http.get("/v1/notes/n1"), 429, "too-many-requests")
    assert (await house.http.get("/v1/notes/n1", headers=house.me)).status_code == 200


async def test_a_second_token_does_not_get_round_the_members_limit(house: House) -> None:
    mine = ("authorization", house.me["authorization"])
    for headers in ([mine, ("authorization", "none")], [("authorization", "none"), mine], [mine, mine]):
        problem(await house.http.get("/v1/notes/n1", headers=headers), 400, "repeated-header")
    assert house.seen == []


async def test_probes_are_not_counted(house: House) -> None:
    for _ in range(5):
        answer = await house.http.get("/health/live")
        assert answer.status_code == 200
        assert "ratelimit-limit" not in answer.headers


async def test_a_wait_for_a_position_counts_and_is_refused_before_it_begins(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    waits: list[str] = []

    async def reached(database: object, header: str, consumed: object) -> bool:
        waits.append(header)
        clock.now += 0.15
        return True

    monkeypatch.setattr(position, "wait_until", reached)
    monkeypatch.setattr("chassis.http.edge.clock.monotonic", clock)
    headers = {**house.me, "x-convene-position": "groups.group.v1:g1@1"}
    assert (await house.http.get("/v1/notes/n1", headers=headers)).headers["ratelimit-remaining"] == "1"
    await house.http.get("/v1/notes/n1", headers=headers)
    problem(await house.http.get("/v1/notes/n1", headers=headers), 429, "too-many-requests")
    assert len(waits) == 2


async def test_other_origins_may_read_the_limits() -> None:
    house = House(cors_origins=("https://app.example",))
    answer = await house.http.get("/v1/notes/n1", headers={"origin": "https://app.example"})
    exposed = answer.headers["access-control-expose-headers"].lower()
    for name in ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after"):
        assert name in exposed
        assert name == "retry-after" or name in answer.headers
    await house.http.aclose()


@pytest.mark.parametrize(
    ("trusted", "first", "second", "same"),
    [
        ((), "198.51.100.1", "198.51.100.2", True),
        (("127.0.0.1",), "198.51.100.1", "198.51.100.2", False),
        (("127.0.0.1",), "203.0.113.9, 198.51.100.1", "203.0.113.8, 198.51.100.1", True),
        (("127.0.0.1", "10.0.0.0/8"), "198.51.100.1, 10.1.1.1", "198.51.100.2, 10.1.1.1", False),
        (("127.0.0.1", "10.0.0.0/8"), "198.51.100.1, 10.1.1.1", "198.51.100.1, 10.2.2.2", True),
        (("127.0.0.1",), "2001:db8::1", "2001:db8::2", True),
    ],
    ids=["nobody is believed", "a proxy is", "only its own word", "a chain", "another way", "one ipv6 network"],
)
async def test_the_last_address_that_no_trusted_proxy_has_counts(
    trusted: tuple[str, ...], first: str, second: str, same: bool
) -> None:
    house = House(rate_per_address=1)
    server = HttpServer(house.api, host="127.0.0.1", port=0, trusted_proxies=trusted)
    await server.start()
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as http:
            assert (await http.get("/v1/notes/n1", headers={"x-forwarded-for": first})).status_code == 200
            again = await http.get("/v1/notes/n1", headers={"x-forwarded-for": second})
            assert (again.status_code == 429) is same
    finally:
        await server.stop()
        await house.http.aclose()
