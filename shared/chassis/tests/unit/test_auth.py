"""Which tokens open the door, and what the cache of keys and tokens does while issuers change and fail."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from issuer import Issuer
from joserfc.jwk import ECKey, Key, OctKey
from joserfc.jws import serialize_compact

from chassis.auth import Authenticator, Caller, InvalidToken
from chassis.jwks import COOLDOWN, KEEP, KeysUnavailable
from testkit import eventually


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
async def test_a_good_token_names_its_caller(algorithm: str) -> None:
    issuer = Issuer()
    issuer.keys = [issuer.make(algorithm, "k1")]
    caller = await issuer.authenticator().verify(issuer.token("ada", algorithm=algorithm, iat=1_700_000_000))
    assert caller == Caller("ada", frozenset({"a", "b"}), 1_700_000_000.0, caller.expires_at)


async def test_a_caller_is_one_until_the_token_expires() -> None:
    issuer, expires = Issuer(), int(time.time()) + 60
    assert (await issuer.authenticator().verify(issuer.token(exp=expires))).expires_at == expires


async def test_when_a_token_was_issued_need_not_be_said() -> None:
    issuer = Issuer()
    assert (await issuer.authenticator().verify(issuer.token(iat=None))).issued_at is None


async def test_a_token_without_kid_is_read_with_the_only_key() -> None:
    issuer = Issuer()
    assert (await issuer.authenticator().verify(issuer.token(header={"kid": None}))).member_id == "ada"


def _unsigned(issuer: Issuer) -> str:
    body = issuer.token().split(".")[1]
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "at+jwt", "kid": "k1"}).encode()).decode()
    return f"{header.rstrip('=')}.{body}."


def _public(key: Key) -> bytes:
    assert isinstance(key, ECKey)
    return key.as_pem(private=False)


def _signed_with_the_public_key(issuer: Issuer) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "at+jwt", "kid": "k1"}).encode()).rstrip(b"=")
    signed = head + b"." + issuer.token().split(".")[1].encode()
    signature = hmac.digest(_public(issuer.keys[0]), signed, "sha256")
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def _changed(issuer: Issuer) -> str:
    head, _, signature = issuer.token().split(".")
    return f"{head}.{issuer.token('eve').split('.')[1]}.{signature}"


def _of_list(issuer: Issuer) -> str:
    return serialize_compact({"alg": "ES256", "typ": "at+jwt", "kid": "k1"}, b"[1]", issuer.keys[0])


CORPUS: dict[str, Callable[[Issuer], str]] = {
    "alg none": _unsigned,
    "HS256 with the public key as secret": _signed_with_the_public_key,
    "HS256": lambda issuer: issuer.token(algorithm="HS256", key=OctKey.generate_key(256, {"kid": "k1"})),
    "another's key under our kid": lambda issuer: issuer.token(key=issuer.make("ES256", "k1")),
    "unknown kid": lambda issuer: issuer.token(key=issuer.make("ES256", "k9")),
    "RS256 said, EC key meant": lambda issuer: issuer.token(algorithm="RS256", key=issuer.make("RS256", "k1")),
    "ES384": lambda issuer: issuer.token(algorithm="ES384", key=ECKey.generate_key("P-384", {"kid": "k1"})),
    "claims changed after signing": _changed,
    "wrong issuer": lambda issuer: issuer.token(iss="http://127.0.0.1:9/other"),
    "no issuer": lambda issuer: issuer.token(iss=None),
    "wrong audience": lambda issuer: issuer.token(aud=["notifications"]),
    "audience that only begins like ours": lambda issuer: issuer.token(aud="events-admin"),
    "no audience": lambda issuer: issuer.token(aud=None),
    "audience is a number": lambda issuer: issuer.token(aud=7),
    "expired": lambda issuer: issuer.token(exp=int(time.time()) - 1),
    "no exp": lambda issuer: issuer.token(exp=None),
    "exp is a text": lambda issuer: issuer.token(exp="tomorrow"),
    "exp is enormous": lambda issuer: issuer.token(exp=10**400),
    "exp is not finite": lambda issuer: issuer.token(exp=float("inf")),
    "not yet": lambda issuer: issuer.token(nbf=int(time.time()) + 3600),
    "an id token": lambda issuer: issuer.token(header={"typ": "JWT"}),
    "no typ": lambda issuer: issuer.token(header={"typ": None}),
    "no sub": lambda issuer: issuer.token(sub=None),
    "empty sub": lambda issuer: issuer.token(sub=""),
    "sub is a number": lambda issuer: issuer.token(sub=7),
    "sub that would split a header": lambda issuer: issuer.token(sub="a,b"),
    "sub that would split a path": lambda issuer: issuer.token(sub="a/b"),
    "sub too long": lambda issuer: issuer.token(sub="a" * 256),
    "scope is a list": lambda issuer: issuer.token(scope=["a"]),
    "too long": lambda issuer: issuer.token(padding="x" * 9000),
    "a page": lambda issuer: "<html>",
    "nothing": lambda issuer: "",
    "dots": lambda issuer: "..",
    "four parts": lambda issuer: issuer.token() + ".x",
    "not ascii": lambda issuer: "ä.ö.ü",
    "header is no JSON": lambda issuer: "e30x." + issuer.token().split(".", 1)[1],
    "header is a list": lambda issuer: "W10." + issuer.token().split(".", 1)[1],
    "payload is no object": _of_list,
}


FUZZED = Issuer()


@pytest.mark.parametrize("name", CORPUS)
async def test_a_bad_token_is_refused(name: str) -> None:
    issuer = Issuer()
    with pytest.raises(InvalidToken) as refused:
        await issuer.authenticator().verify(CORPUS[name](issuer))
    assert "eyJ" not in str(refused.value)


@given(st.data())
async def test_whatever_is_sent_is_refused_as_a_bad_token(data: st.DataObject) -> None:
    head, body, signature = FUZZED.token().split(".")
    part = st.sampled_from([head, body, signature, "", "e30", "bnVsbA", "W10"]) | st.text(max_size=40)
    token = data.draw(st.text() | st.lists(part, max_size=5).map(".".join))
    assume(token != f"{head}.{body}.{signature}")
    with pytest.raises(InvalidToken):
        await FUZZED.authenticator().verify(token)


async def test_a_verified_token_is_not_verified_again_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer()
    now = time.time()
    authenticator = Authenticator(
        issuer="http://127.0.0.1:9/issuer", audience="events", keys=issuer.cache, now=lambda: now
    )
    token = issuer.token(exp=int(now) + 60)
    first = await authenticator.verify(token)
    monkeypatch.setattr("chassis.auth.jwt.decode", lambda *_, **__: pytest.fail("verified twice"))
    assert await authenticator.verify(token) is first
    now += 61
    with pytest.raises(InvalidToken, match="expired"):
        await authenticator.verify(token)


async def test_remembered_tokens_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer()
    monkeypatch.setattr("chassis.auth._REMEMBERED", 2)
    authenticator = issuer.authenticator()
    for sub in ("a", "b", "c"):
        await authenticator.verify(issuer.token(sub))
    assert len(authenticator._remembered) == 2


async def test_a_withdrawn_key_takes_its_tokens_along() -> None:
    issuer = Issuer()
    authenticator = issuer.authenticator()
    old = issuer.token()
    await authenticator.verify(old)
    issuer.keys = [issuer.make("ES256", "k2")]
    issuer.monotonic += KEEP + 1
    await authenticator.verify(old)  # still served while the keys are fetched beside it
    await eventually(lambda: issuer.fetched == 2)
    with pytest.raises(InvalidToken, match="no such key"):
        await authenticator.verify(old)
    assert (await authenticator.verify(issuer.token())).member_id == "ada"


async def test_a_new_key_is_fetched_at_once_but_an_unknown_one_only_now_and_then() -> None:
    issuer = Issuer()
    authenticator = issuer.authenticator()
    await authenticator.verify(issuer.token())
    issuer.monotonic += COOLDOWN + 1
    issuer.keys.append(issuer.make("ES256", "k2"))
    assert (await authenticator.verify(issuer.token(key=issuer.keys[1]))).member_id == "ada"
    assert issuer.fetched == 2
    for kid in ("x", "y", "z"):
        with pytest.raises(InvalidToken, match="no such key"):
            await authenticator.verify(issuer.token(key=issuer.make("ES256", kid)))
    assert issuer.fetched == 2


async def test_many_callers_cause_one_fetch() -> None:
    issuer = Issuer()
    authenticator = issuer.authenticator()
    await asyncio.gather(*(authenticator.verify(issuer.token(f"m{n}")) for n in range(50)))
    assert issuer.fetched == 1


async def test_known_keys_serve_while_the_issuer_is_down() -> None:
    issuer = Issuer()
    authenticator = issuer.authenticator()
    await authenticator.verify(issuer.token())
    issuer.up = False
    issuer.monotonic += KEEP * 100
    assert (await authenticator.verify(issuer.token("bo"))).member_id == "bo"
    await eventually(lambda: issuer.fetched == 2)
    assert (await authenticator.verify(issuer.token("cy"))).member_id == "cy"
    assert issuer.fetched == 2


async def test_without_any_key_it_says_so_and_asks_again() -> None:
    issuer = Issuer()
    authenticator = issuer.authenticator()
    issuer.up = False
    with pytest.raises(KeysUnavailable):
        await authenticator.verify(issuer.token())
    issuer.up = True
    assert (await authenticator.verify(issuer.token())).member_id == "ada"
