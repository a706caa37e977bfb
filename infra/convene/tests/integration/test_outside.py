"""The mail catcher takes mail by real SMTP, and the issuer's tokens fit its keys."""

import json
import smtplib
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any
from urllib.request import Request, urlopen

import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet

from convene.parts.ports import LOOPBACK, free_port
from convene.parts.running import Running
from convene.stack.probe import is_ok

PORTS = {name: free_port() for name in ("ISSUER_PORT", "MAIL_PORT", "SMTP_PORT")}
MAIL = f"http://{LOOPBACK}:{PORTS['MAIL_PORT']}"
ISSUER = f"http://{LOOPBACK}:{PORTS['ISSUER_PORT']}"


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def outside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """The process, on free ports."""
    folder = tmp_path_factory.mktemp("outside")
    variables = {name: str(port) for name, port in PORTS.items()} | {"ISSUER_KEY": str(folder / "key.json")}
    running = Running(
        "outside",
        [sys.executable, "-m", "convene.outside"],
        address=ISSUER,
        ready=lambda: is_ok(LOOPBACK, PORTS["ISSUER_PORT"], "/health/ready"),
        log=folder / "outside.log",
        env=variables,
    )
    await running.start()
    yield running
    await running.stop()
    assert running.exit_code in {0, -15}


def fetch(url: str, data: bytes | None = None, method: str | None = None) -> bytes:
    """One HTTP request; raises on an error status."""
    with urlopen(Request(url, data=data, method=method), timeout=5) as response:  # noqa: S310 - our own loopback address
        body: bytes = response.read()
        return body


def send(to: str, subject: str, html: str) -> None:
    """By SMTP, as a service does."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "convene@example.org", to, subject
    message.set_content("the text")
    message.add_alternative(html, subtype="html")
    with smtplib.SMTP(LOOPBACK, PORTS["SMTP_PORT"], timeout=5) as client:
        client.send_message(message)


def caught(query: str = "") -> dict[str, Any]:
    """The catcher's JSON."""
    answer: dict[str, Any] = json.loads(fetch(f"{MAIL}/api/messages{query}"))
    return answer


def test_a_mail_is_listed_found_and_forgotten() -> None:
    before = caught()["total"]
    send("ada@example.org", "You are in", "<p>See you")
    send("bo@example.org", "You wait", "<p>Not yet")
    (mail,) = caught("?to=ada@example.org")["messages"]
    assert (mail["subject"], mail["text"].strip(), mail["html"].strip()) == ("You are in", "the text", "<p>See you")
    assert json.loads(fetch(f"{MAIL}/api/messages/{mail['id']}")) == mail
    assert [other["subject"] for other in caught(f"?after={mail['id']}")["messages"]] == ["You wait"]
    fetch(f"{MAIL}/api/messages", method="DELETE")
    assert caught() == {"total": before + 2, "messages": []}


def test_pages_show_mail_without_running_it() -> None:
    send("cy@example.org", "<script>alert(1)</script>", "<script>alert(2)</script><p>rich")
    number = caught("?to=cy@example.org")["messages"][0]["id"]
    page = fetch(f"{MAIL}/messages/{number}").decode()
    assert "<script>" not in page
    assert 'sandbox=""' in page
    assert "&lt;p&gt;rich" in page
    assert f'href="/messages/{number}"' in fetch(MAIL).decode()


def test_a_token_asked_by_http_is_an_access_token_of_this_issuer() -> None:
    metadata = json.loads(fetch(f"{ISSUER}/.well-known/openid-configuration"))
    answer = json.loads(fetch(metadata["token_endpoint"], b"client_id=ada&scope=a+b&expires_in=60"))
    keys = KeySet.import_key_set(json.loads(fetch(metadata["jwks_uri"])))
    token = jwt.decode(answer["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert (token.claims["iss"], token.claims["sub"], token.claims["scope"]) == (metadata["issuer"], "ada", "a b")
    assert token.claims["exp"] - token.claims["iat"] == 60


def test_the_private_key_is_not_shown() -> None:
    (key,) = json.loads(fetch(f"{ISSUER}/jwks"))["keys"]
    assert "d" not in key


async def test_the_key_outlives_the_process(outside: Running) -> None:
    before = fetch(f"{ISSUER}/jwks")
    await outside.restart()
    assert fetch(f"{ISSUER}/jwks") == before
    assert outside.log.read_text() == ""
