"""Fetching an issuer's keys: where they are, and what is not taken for them."""

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from issuer import ISSUER, Issuer

from chassis.jwks import Keys, KeysUnavailable

DISCOVERY = "/issuer/.well-known/openid-configuration"


def _keys(answers: Mapping[str, httpx2.Response], url: str | None = None) -> Keys:
    async def answer(request: httpx2.Request) -> httpx2.Response:
        return answers.get(request.url.path, httpx2.Response(404))

    return Keys(ISSUER, url, httpx2.AsyncClient(transport=httpx2.MockTransport(answer)))


def _key_set() -> dict[str, Any]:
    return {"keys": [Issuer.make("ES256", "k1").as_dict(private=False)]}


async def test_without_an_address_the_issuer_says_where_its_keys_are() -> None:
    found = {"issuer": ISSUER, "jwks_uri": "http://127.0.0.1:9/here"}
    keys = _keys({DISCOVERY: httpx2.Response(200, json=found), "/here": httpx2.Response(200, json=_key_set())})
    assert await keys.find("k1") is not None
    assert await keys.find("k2") is None
    await keys.close()


@pytest.mark.parametrize(
    "found",
    [
        {"issuer": "http://127.0.0.1:9/other", "jwks_uri": "http://127.0.0.1:9/here"},
        {"issuer": ISSUER, "jwks_uri": "file:///here"},
        {"issuer": ISSUER, "jwks_uri": "http://[/here"},
        {"issuer": ISSUER},
        [],
    ],
)
async def test_another_issuers_word_is_not_taken(found: object) -> None:
    keys = _keys({DISCOVERY: httpx2.Response(200, json=found), "/here": httpx2.Response(200, json=_key_set())})
    with pytest.raises(KeysUnavailable):
        await keys.find("k1")


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(500, json=_key_set()),
        httpx2.Response(302, headers={"location": "http://127.0.0.1:9/elsewhere"}),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json=[]),
        httpx2.Response(200, json={}),
        httpx2.Response(200, json={"keys": []}),
        httpx2.Response(200, json={"keys": [{"kty": "EC"}]}),
        httpx2.Response(200, json={"keys": [{"kty": "EC", "crv": "P-256", "x": "!", "y": "!"}]}),
        httpx2.Response(200, json={"keys": ["k1"]}),
        httpx2.Response(200, json={"keys": 7}),
        httpx2.Response(200, json={**_key_set(), "padding": "x" * 300_000}),
    ],
    ids=["error", "redirect", "HTML", "list", "empty", "no keys", "half a key", "broken key", "text", "number", "huge"],
)
async def test_what_is_no_key_set_changes_nothing(answer: httpx2.Response) -> None:
    keys = _keys({"/here": answer, "/elsewhere": httpx2.Response(200, json=_key_set())}, "http://127.0.0.1:9/here")
    with pytest.raises(KeysUnavailable):
        await keys.find("k1")
    assert keys.generation == 0
